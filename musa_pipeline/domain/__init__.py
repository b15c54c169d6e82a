"""The vocabulary: frozen values, ids, problems and errors; the standard library only."""
