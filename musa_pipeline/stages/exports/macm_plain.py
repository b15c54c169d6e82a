"""The composition model (MACM) of a chosen deployment in the words of the published schema alone."""

from musa_pipeline.stages.exports.macm import write_plain as write

__all__ = ["write"]
