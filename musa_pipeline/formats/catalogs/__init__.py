"""Catalogs as text to domain values: kinds, controls, scopes, threats, metrics, agents, providers and offerings."""

from musa_pipeline.formats.catalogs.ages import check_ages
from musa_pipeline.formats.catalogs.coverage import Coverage, coverage_of, report_coverage
from musa_pipeline.formats.catalogs.read import read_catalogs
from musa_pipeline.formats.catalogs.structure import check_catalogs

__all__ = ["Coverage", "check_ages", "check_catalogs", "coverage_of", "read_catalogs", "report_coverage"]
