"""Findings for other programs: our own JSON, SARIF 2.1.0 for code scanning, JUnit XML for CI servers."""

from musa_pipeline.formats.findings.json import findings_json
from musa_pipeline.formats.findings.junit import junit
from musa_pipeline.formats.findings.report import Checked, Report
from musa_pipeline.formats.findings.sarif import sarif

__all__ = ["Checked", "Report", "findings_json", "junit", "sarif"]
