"""What was measured: reports of scanners (SARIF, OCSF, XCCDF) to observations, and `measured.yaml`, which keeps the evidence."""

from musa_pipeline.formats.measured.correlation import Correlation
from musa_pipeline.formats.measured.form import LARGEST, Form, form_of, read_report, records_of, unpacked
from musa_pipeline.formats.measured.kept import read_measured
from musa_pipeline.formats.measured.write import write_measured

__all__ = [
    "LARGEST",
    "Correlation",
    "Form",
    "form_of",
    "read_measured",
    "read_report",
    "records_of",
    "unpacked",
    "write_measured",
]
