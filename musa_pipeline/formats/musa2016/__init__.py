"""The knowledge base of the MUSA SLA Generator (2016), to entries of our catalogs."""
