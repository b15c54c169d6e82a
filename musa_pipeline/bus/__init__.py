"""Where records go and come from: one port, an embedded durable log and Kafka."""
