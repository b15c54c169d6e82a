"""The agent of a machine: one process that observes it, tells the gateway, and obeys signed commands.

It travels as one file and runs under the machine's own Python, 3.10 or later: standard library and `musa_pipeline.kernel` only.
A figure that cannot be read is left out: no measurement means not determined, never fine.
"""
