"""What machines must have in CAMEL of 2014: said on the machine itself, later in requirement sets; read as if it were later."""

from typing import Any

from musa_pipeline.formats.camel.statements import statement
from musa_pipeline.formats.camel.xmi.build import Builder
from musa_pipeline.formats.camel.xmi.tree import Element
from musa_pipeline.formats.camel.xmi.values import EXPECTED, fits, quoted

_BOUNDS = (("minCores", "maxCores", "core"), ("minRam", "maxRam", "ram"), ("minStorage", "maxStorage", "storage"), ("minCPU", "maxCPU", "cpu"))
_REFERENCES = {"location": "location", "provider": "provider"}
