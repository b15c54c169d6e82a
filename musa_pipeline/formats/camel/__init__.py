"""CAMEL as text or as XMI, of 2014, 2015.9, 2 and 3, with our layer over the text, to the cloud-provider-independent model."""

from musa_pipeline.formats.camel.read import looks_like_camel, read_camel
from musa_pipeline.formats.camel.xmi.read import looks_like_camel_xmi, read_camel_xmi

__all__ = ["looks_like_camel", "looks_like_camel_xmi", "read_camel", "read_camel_xmi"]
