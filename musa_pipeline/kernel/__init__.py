"""libbpf through ctypes: load, attach, chain and read eBPF programs. Standard library only, Python 3.10: it travels with the agent."""
