"""One module for each command: it parses, calls one stage, returns an outcome."""
