"""Values as text that people read."""
