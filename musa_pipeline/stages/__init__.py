"""One module for each step of the pipeline: load, reason, save."""
