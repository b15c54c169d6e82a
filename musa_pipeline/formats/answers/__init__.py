"""`answers.yaml`: the questionnaire on threats, risk factors, controls and service levels, as people answer it."""

from musa_pipeline.formats.answers.read import read_answers

__all__ = ["read_answers"]
