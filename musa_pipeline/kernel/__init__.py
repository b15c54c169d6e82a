"""libbpf through ctypes: load, attach, chain and read eBPF programs. Standard library only, Python 3.10: it travels with the agent.

`missing()` says why programs cannot run here; `Library(folder)` holds what the platform brought; `Chain(interface, library, memory)` is all
an agent needs of an interface: resume, load, unload, block, unblock, blocked, figures, rows, running, close.
"""
