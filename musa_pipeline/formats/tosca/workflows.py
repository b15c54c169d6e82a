"""Workflows of a model (TOSCA 1.3, section 7): their steps are checked, and they are told to be left out of planning."""

from collections.abc import Iterator
from typing import Final

from musa_pipeline.domain.source import Span
from musa_pipeline.formats.tosca.p1_read import entries, items, mapping_in, word
from musa_pipeline.formats.tosca.templates import Model
from musa_pipeline.text.yaml import Mapping, Node

_FOLLOWING: Final = ("on_success", "on_failure")
_ACTIVITIES: Final = frozenset({"delegate", "set_state", "call_operation", "inline"})
_BUILT_IN: Final = frozenset({"deploy", "undeploy", "install", "uninstall", "start", "stop", "run", "cancel", "configure"})


def check_workflows(model: Model) -> None:
    """Report steps and targets that the model does not have, and tell that its workflows are not used."""
    workflows = model.topology.body.get("workflows")
    named = [(name, body, at) for name, body, at in entries(workflows) if isinstance(body, Mapping)]
    for name, body, _ in named:
        _check(model, name, body, {each for each, _, _ in named})
    if named:
        names = ", ".join(repr(name) for name, _, _ in named[:5]) + (" and others" if len(named) > 5 else "")
        text = f"the {'workflow is' if len(named) == 1 else 'workflows are'} not used: {names}; the plan follows hosts and connections"
        model.findings.note("T068", named[0][2], text, "what must come first needs a requirement that says so")


def _check(model: Model, workflow: str, body: Mapping, workflows: set[str]) -> None:
    steps = mapping_in(body, "steps")
    for name, step in steps:
        if not isinstance(step, Mapping):
            continue
        if (target := step.get("target")) is not None:
            _check_target(model, workflow, name, target)
        for key in _FOLLOWING:
            for each in items(step.get(key)):
                if word(each) and word(each) not in steps.entries:
                    close = model.findings.near(word(each), steps.entries)
                    text = f"step {name!r} of workflow {workflow!r} goes on to {word(each)!r}, which it does not have"
                    model.findings.fault("T068", each.at, text, close or "write the name of one of its steps")
        for activity, said, at in _activities(step):
            _check_activity(model, workflow, name, activity, said, at, workflows)


def _activities(step: Mapping) -> Iterator[tuple[str, Node, Span]]:
    listed = step.get("activities")
    yield from entries(listed if listed is not None else step.get("activity"))


def _check_target(model: Model, workflow: str, step: str, node: Node) -> None:
    said = word(node)
    if not said or model.find(said, "") or said in model.topology.groups.entries or model.types.name("node_types", said):
        return
    close = model.findings.near(said, model.topology.nodes.entries, model.topology.groups.entries)
    text = f"step {step!r} of workflow {workflow!r} is for {said!r}, which the model does not have"
    model.findings.fault("T012", node.at, text, close or "write the name of a node template or group of this file")


def _check_activity(model: Model, workflow: str, step: str, activity: str, said: Node, at: Span, workflows: set[str]) -> None:
    if activity not in _ACTIVITIES:
        close = model.findings.near(activity, _ACTIVITIES)
        text = f"step {step!r} of workflow {workflow!r} has unknown activity {activity!r}"
        model.findings.fault("T068", at, text, close or "write one of " + ", ".join(sorted(_ACTIVITIES)))
    elif activity == "inline":
        called = word(said.get("workflow")) if isinstance(said, Mapping) else word(said)
        if called and called not in workflows | _BUILT_IN:
            text = f"step {step!r} of workflow {workflow!r} runs workflow {called!r}, which the model does not have"
            model.findings.fault("T068", said.at, text, model.findings.near(called, workflows) or "define it below workflows")
