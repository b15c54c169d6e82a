"""The inputs of a model: given from outside or at their defaults, checked against what the model says of them (TOSCA 1.3, 3.6.14)."""

from collections.abc import Mapping as Dict
from typing import Any, Final

from musa_pipeline.domain.source import Span
from musa_pipeline.formats.tosca.definitions import schema_of
from musa_pipeline.formats.tosca.fits import Fits
from musa_pipeline.formats.tosca.p1_read import Findings, is_null, word
from musa_pipeline.formats.tosca.p3_dialect import Topology
from musa_pipeline.formats.tosca.scalars import boolean
from musa_pipeline.formats.tosca.templates import Model
from musa_pipeline.formats.tosca.values import node_of
from musa_pipeline.text.commands import is_secret
from musa_pipeline.text.yaml import Mapping, Node, Scalar

_WAY_OUT: Final = "see its definition below inputs"


def given_inputs(given: Dict[str, Any], topology: Topology, findings: Findings) -> dict[str, Node]:
    """Return the values that are given, at the places of their definitions; each one that nobody asks for is an error."""
    found: dict[str, Node] = {}
    for name, value in sorted(given.items()):
        if name not in topology.inputs.entries:
            close = findings.near(name, topology.inputs.entries)
            text = f"input {name!r} is given, but the model does not declare it"
            findings.error("T060", topology.at, text, close or "drop it, or declare it below inputs")
            continue
        at = topology.inputs.keys[name]
        found[name] = node_of(value, Scalar(None, "", at))
    if given:
        for name, definition in topology.inputs:
            if name not in found and isinstance(definition, Mapping) and _is_required(definition) and not _has_value(definition):
                text = f"input {name!r} is required, and has neither a value nor a default"
                findings.error("T061", topology.inputs.keys[name], text, "give it a value")
    return found


def check_inputs(model: Model) -> None:
    """Report values and defaults that do not fit the type and the constraints of their input. Values are never repeated."""
    given, fits = model.main.inputs, Fits(model.types)
    for name, definition in model.topology.inputs:
        if not isinstance(definition, Mapping):
            continue
        if name in given:
            _check(fits, name, definition, given[name][0], model, model.topology.inputs.keys[name])
            continue
        for key in ("value", "default"):
            node = definition.get(key)
            if node is not None and not is_null(node):
                _check(fits, name, definition, node, model)


def _check(fits: Fits, name: str, definition: Mapping, node: Node, model: Model, at: Span | None = None) -> None:
    """Report the first thing that is wrong with a value; `at` is given for values from outside, which must fit."""
    value = model.values.deep(node)
    if value is None:
        return
    for fault in fits.faults(value, schema_of(definition, ""), ""):
        if fault.should:
            inner = f" in {fault.path.lstrip('.')!r}" if fault.path else ""
            should = "as its definition says" if is_secret(name) else fault.should  # which may be a list of passwords
            text = f"input {name!r} must be {should}{inner}; what is given is not"
            if at is not None:
                model.findings.error("T060", at, text, _WAY_OUT)
            else:
                model.findings.warn("T060", fault.at, text.replace("what is given", "its default"), _WAY_OUT)
            return


def _is_required(definition: Mapping) -> bool:
    said = definition.get("required")
    return boolean(said.value) is not False if isinstance(said, Scalar) else True


def _has_value(definition: Mapping) -> bool:
    return any(definition.get(key) is not None for key in ("default", "value")) or bool(word(definition.get("copy")))
