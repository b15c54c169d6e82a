"""The whole story of an application's promise, for people: one HTML file that needs nothing else, or Markdown."""

from musa_pipeline.formats.report.content import Known, report_of
from musa_pipeline.formats.report.html import write_html
from musa_pipeline.formats.report.markdown import write_markdown
from musa_pipeline.formats.report.model import Picture, Report

__all__ = ["Known", "Picture", "Report", "report_of", "write_html", "write_markdown"]
