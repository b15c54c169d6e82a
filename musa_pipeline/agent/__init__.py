"""What runs on a host: standard library and `musa_pipeline.kernel` only, Python 3.10, bundled into one file."""
