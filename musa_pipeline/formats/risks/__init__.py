"""The risks of a model for other readers: Markdown for people, SARIF for code scanning, the matrix as a picture."""

from musa_pipeline.formats.risks.dots import Point
from musa_pipeline.formats.risks.markdown import markdown
from musa_pipeline.formats.risks.matrix_svg import matrix
from musa_pipeline.formats.risks.sarif import sarif

__all__ = ["Point", "markdown", "matrix", "sarif"]
