"""`answers.yaml`: the questionnaire on threats, risk factors, controls and service levels, as people answer it."""

from musa_pipeline.formats.answers.edit import HEAD, Answer, NotSafe, with_answer
from musa_pipeline.formats.answers.read import read_answers
from musa_pipeline.formats.answers.schema import write_schema

__all__ = ["HEAD", "Answer", "NotSafe", "read_answers", "with_answer", "write_schema"]
