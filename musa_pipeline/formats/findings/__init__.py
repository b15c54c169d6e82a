"""Findings for other programs: our own JSON, SARIF 2.1.0 for code scanning, JUnit XML for CI servers, what GitHub and GitLab show."""

from musa_pipeline.formats.findings.github import github
from musa_pipeline.formats.findings.gitlab import gitlab
from musa_pipeline.formats.findings.json import findings_json
from musa_pipeline.formats.findings.junit import junit
from musa_pipeline.formats.findings.report import Checked, Report
from musa_pipeline.formats.findings.sarif import sarif

__all__ = ["Checked", "Report", "findings_json", "github", "gitlab", "junit", "sarif"]
