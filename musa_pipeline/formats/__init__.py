"""Text to domain values and back, one package for each language; siblings never meet."""
