"""Catalogs as text to domain values: kinds, controls, scopes, threats, metrics, agents, providers and offerings."""

from musa_pipeline.formats.catalogs.ages import check_ages
from musa_pipeline.formats.catalogs.read import read_catalogs
from musa_pipeline.formats.catalogs.structure import check_catalogs

__all__ = ["check_ages", "check_catalogs", "read_catalogs"]
