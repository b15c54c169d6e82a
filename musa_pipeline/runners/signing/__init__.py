"""Keys that sign: from files, and from tokens that never give them away."""
