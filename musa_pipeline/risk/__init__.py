"""From the model, the threat catalog and the answers to a risk profile."""
