"""From the composition to an ordered, repeatable plan."""
