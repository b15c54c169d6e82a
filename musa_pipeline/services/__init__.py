"""The long-running loops, with clock, bus and context handed in."""
