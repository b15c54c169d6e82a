"""The Context Broker's memory: one port, SQLite and Elasticsearch."""
