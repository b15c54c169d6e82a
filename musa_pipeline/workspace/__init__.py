"""The repository on disk: finds, loads and saves; the only floor that touches files."""
