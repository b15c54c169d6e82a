"""`python -m musa_pipeline` is `musa`."""

from musa_pipeline.cli.main import main

main()
