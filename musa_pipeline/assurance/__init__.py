"""Judging promises by evidence and reacting by policy: pure functions of values and time."""
