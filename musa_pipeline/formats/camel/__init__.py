"""CAMEL 2015.9 text, with our layer over it, to the cloud-provider-independent model."""

from musa_pipeline.formats.camel.read import looks_like_camel, read_camel

__all__ = ["looks_like_camel", "read_camel"]
