"""From required controls and offerings to the best proven choice of providers and agents."""
