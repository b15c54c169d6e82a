"""Catalogs as text to domain values: kinds, controls, scopes, threats, metrics, agents, providers and offerings."""

from musa_pipeline.formats.catalogs.read import read_catalogs

__all__ = ["read_catalogs"]
