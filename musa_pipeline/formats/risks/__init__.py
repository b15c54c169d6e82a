"""The risks of a model for other readers: Markdown for people, SARIF for code scanning, the matrix as a picture."""

from musa_pipeline.formats.risks.sarif import sarif

__all__ = ["sarif"]
