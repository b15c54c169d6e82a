"""Whether a template fits a node filter: clauses by property in 1.x, a condition in 2.0 (TOSCA 1.3, 3.6.5; TOSCA 2.0, 8.5)."""

from collections.abc import Iterator
from typing import Final

from musa_pipeline.formats.tosca import operators
from musa_pipeline.formats.tosca.p1_read import entries
from musa_pipeline.formats.tosca.templates import Model, Template
from musa_pipeline.formats.tosca.values import function_of
from musa_pipeline.text.yaml import Mapping, Node, Sequence

_MOST: Final = 100_000
"""Candidates tried in one run: each of many templates may have a filter that each of many others could meet."""


def fits(model: Model, candidate: Template, condition: Node, asking: str) -> bool | None:
    """Tell whether a candidate fits; None where the model does not decide it. `asking` is whose inputs the filter may use."""
    model.tries += 1
    if model.tries > _MOST:
        return None
    if isinstance(condition, Mapping) and condition.entries.keys() == {"condition"}:  # as drafts of 2.0 write it
        condition = condition.entries["condition"]
    if function_of(condition):
        found = model.values.plain(condition, candidate.name)
        return found if isinstance(found, bool) else None
    if not isinstance(condition, Mapping):
        return None
    return operators.both(list(_truths(model, candidate, condition, asking)))


def _truths(model: Model, candidate: Template, condition: Mapping, asking: str) -> Iterator[bool | None]:
    for name, clauses, _ in entries(condition.get("properties")):
        yield _meets(model, model.property(candidate, name), candidate, clauses, asking)
    for name, asked, _ in entries(condition.get("capabilities")):
        capability = _capability(model, candidate, name)
        if not capability:
            yield None if not candidate.type.complete else False
        for inner, clauses, _ in entries(asked.get("properties")) if isinstance(asked, Mapping) and capability else ():
            yield _meets(model, model.capability_property(candidate, capability, inner), candidate, clauses, asking)


def _capability(model: Model, candidate: Template, name: str) -> str:
    """Return the name of the capability that a filter means, by its name or by its type."""
    if name in candidate.type.capabilities or name in candidate.capabilities.entries:
        return name
    full = model.types.name("capability_types", name)
    offered = candidate.type.capabilities.items()
    return next((each for each, kind in offered if full and full in model.types.chain("capability_types", kind)), "")


def _meets(model: Model, value: Node | None, candidate: Template, clauses: Node, asking: str) -> bool | None:
    """Tell whether a value meets a clause, a list of them, or is the one that is written."""
    said = model.values.plain(value, candidate.name)
    if said is None:
        return None
    listed = clauses.items if isinstance(clauses, Sequence) and any(map(_is_clause, clauses.items)) else [clauses]
    return operators.both([_meets_one(model, said, each, asking) for each in listed])


def _is_clause(node: Node) -> bool:
    return isinstance(node, Mapping) and bool(node.entries) and next(iter(node.entries)) in operators.COMPARISONS


def _meets_one(model: Model, said: operators.Plain, clause: Node, asking: str) -> bool | None:
    if isinstance(clause, Mapping) and _is_clause(clause):
        truths = []
        for operator, argument in clause:
            wanted = model.values.plain(argument, asking)
            compare = operators.COMPARISONS.get(operator)
            truths.append(compare(said, wanted) if compare and wanted is not None else None)
        return operators.both(truths)
    wanted = model.values.plain(clause, asking)
    return operators.equal(said, wanted)
