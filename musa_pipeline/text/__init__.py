"""Text that remembers where it stood."""
