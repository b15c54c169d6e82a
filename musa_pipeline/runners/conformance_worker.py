"""What runs tosca-parser: a process of its own that knows nothing of us. It reads one template a line and answers with one line each.

Each template is judged in a fork with limits on time and memory, after which no file can be opened any more: a template that loops, eats
memory or breaks the validator costs its own fork, and what one template leaves in the validator's tables never reaches the next.
"""

import json
import os
import resource
import select
import signal
import sys
import time
from collections.abc import Iterable, Iterator
from types import FrameType
from typing import Any, NoReturn

Said = dict[str, Any]
Name = tuple[str, str]
"""What a part of the template is to the validator, and what it is called."""

MOST = 500
"""Messages of one template; what follows is only counted."""
LONG = 600
"""Signs of one message."""
TRIES = 8
"""How often a template is tried again without the part at which the validator broke."""
SECTIONS = ("substitution_mappings", "policies", "groups", "outputs", "relationship_templates", "inputs")
"""Sections that can be left out when the validator breaks and it is not known at which node."""


def main() -> None:
    """Answer until nobody asks any more."""
    answers = os.fdopen(os.dup(1), "wb")
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)  # the validator prints
    os.dup2(quiet, 2)
    _import()
    for line in sys.stdin.buffer:
        request = json.loads(line)
        answers.write(json.dumps(_forked(request)).encode() + b"\n")
        answers.flush()


def _import() -> None:
    import logging

    import toscaparser.tosca_template  # noqa: F401  here, so that a fork need not open anything

    logging.disable(logging.CRITICAL)


def _forked(request: Said) -> Said:
    """Return what a fork says of a template, or why it says nothing."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _child(request, writing)
    os.close(writing)
    text, late = _read(reading, time.monotonic() + request["seconds"])
    os.close(reading)
    if late:
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if late or (os.WIFSIGNALED(status) and os.WTERMSIG(status) in (signal.SIGXCPU, signal.SIGKILL)):
        return {"stopped": "time"}
    try:
        found: Said = json.loads(text)
    except ValueError:
        return {"stopped": "memory" if os.WIFSIGNALED(status) else "broken"}
    return found


def _read(reading: int, until: float) -> tuple[bytes, bool]:
    """Return everything from a pipe, and whether the time was over first."""
    parts: list[bytes] = []
    while True:
        left = until - time.monotonic()
        if left <= 0 or not select.select([reading], [], [], left)[0]:
            return b"".join(parts), True
        part = os.read(reading, 65_536)
        if not part:
            return b"".join(parts), False
        parts.append(part)


def _child(request: Said, writing: int) -> NoReturn:
    code = 1
    try:
        seconds, octets = request["seconds"], request["memory"]
        resource.setrlimit(resource.RLIMIT_AS, (octets, octets))
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        _load(request["template"])
        resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))  # nothing is opened from here on: no file, no connection
        try:
            answer = judge(request["template"], request["normative"])
        except MemoryError:
            answer = {"stopped": "memory"}
        data = json.dumps(answer).encode()
        while data:
            data = data[os.write(writing, data) :]
        code = 0
    finally:
        os._exit(code)


def _load(template: Said) -> None:
    """Read the validator's own definitions of a profile, while files can be opened; when it asks again they are there."""
    import toscaparser.elements.entity_type as entities
    import toscaparser.tosca_template as validator

    version = template.get("tosca_definitions_version", "")
    if (
        version not in validator.ToscaTemplate.MAIN_TEMPLATE_VERSIONS
        and version in validator.ToscaTemplate.VALID_TEMPLATE_VERSIONS
    ):
        entities.update_definitions(version)
        validator.update_definitions = _nothing


def _nothing(_version: str) -> None:
    """Do what was done before."""


class Collector:
    """Takes the place of the validator's own, which keeps a stack of text for each message and compares each with all."""

    def __init__(self) -> None:
        self.messages: list[Said] = []
        self.more = 0
        self.seen: set[tuple[str, str, tuple[Name, ...]]] = set()

    def take(self, error: BaseException, within: list[Name] | None = None) -> None:
        """Keep what an error says, once, with the parts that were being judged."""
        said = str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error)
        names = _names(_frames_here()) if within is None else within
        key = (type(error).__name__, said, tuple(names))
        if key in self.seen:
            return
        if len(self.messages) >= MOST:
            self.more += 1
            return
        self.seen.add(key)
        self.messages.append({"kind": key[0], "text": said[:LONG], "within": names})


def judge(template: Said, normative: Said) -> Said:
    """Return the messages about a template; where the validator breaks, the rest is judged without that part."""
    collector = Collector()
    _prepare(normative, collector)
    broken: list[Said] = []
    for _ in range(TRIES):
        error = _once(template)
        if error is None:
            break
        within = _names(_frames_of(error))
        if type(error).__module__.startswith("toscaparser"):  # raised where others are collected: a message all the same
            collector.take(error, within)
        else:
            broken.append({"kind": type(error).__name__, "within": within})
        if not _without(template, within):
            break
    return {"messages": collector.messages, "more": collector.more, "broken": broken}


def _once(template: Said) -> BaseException | None:
    """Let the validator read a template; return the error at which it stopped, if it did."""
    from toscaparser.tosca_template import ToscaTemplate

    try:
        ToscaTemplate(yaml_dict_tpl=template)
    except MemoryError:
        raise
    except BaseException as error:
        return error
    return None


def _without(template: Said, within: list[Name]) -> bool:
    """Take the part at which the validator broke out of a template; tell whether there was one."""
    topology = template.get("topology_template", {})
    nodes = topology.get("node_templates", {})
    for _, name in reversed(within):
        if name in nodes and nodes[name] != {"type": "tosca.nodes.Root"}:
            nodes[name] = {"type": "tosca.nodes.Root"}
            return True
    return any(topology.pop(each, None) is not None for each in SECTIONS)


def _frames_of(error: BaseException) -> Iterator[FrameType]:
    trace = error.__traceback__
    while trace is not None:
        yield trace.tb_frame
        trace = trace.tb_next


def _frames_here() -> Iterator[FrameType]:
    frames: list[FrameType] = []
    frame: FrameType | None = sys._getframe(2)
    while frame is not None:
        frames.append(frame)
        frame = frame.f_back
    return reversed(frames)


def _names(frames: Iterator[FrameType]) -> list[Name]:
    """Return what was being judged, the outermost first: pairs of what it is and its name."""
    found: list[Name] = []
    for frame in frames:
        owner = frame.f_locals.get("self")
        kind = type(owner).__name__
        name = owner.__dict__.get("name") if hasattr(owner, "__dict__") else None
        if type(owner).__module__.startswith("toscaparser") and isinstance(name, str) and (kind, name) not in found:
            found.append((kind, name))
    return found[:20]


def _prepare(normative: Said, collector: Collector) -> None:
    """Make the validator linear where it is not, and let it know normative types of TOSCA 1.3 that it lacks."""
    import toscaparser.topology_template
    import toscaparser.tosca_template
    from toscaparser.common.exception import ExceptionCollector
    from toscaparser.elements.entity_type import EntityType
    from toscaparser.unsupportedtype import UnsupportedType

    for name, definition in normative.items():
        EntityType.TOSCA_DEF.setdefault(name, definition)
    for definition in EntityType.TOSCA_DEF.values():
        for requirement in (definition or {}).get("requirements") or ():
            for value in requirement.values():
                if isinstance(value, dict):  # without occurrences it counts as wanted; whoever deploys may fill it
                    value.setdefault("occurrences", [0, "UNBOUNDED"])
    UnsupportedType.un_supported_types = ()  # now they are
    ExceptionCollector.appendException = staticmethod(collector.take)
    graph = type("Graph", (), {"__init__": _only_relationships})
    toscaparser.topology_template.ToscaGraph = graph
    toscaparser.tosca_template.ToscaGraph = graph


def _only_relationships(_self: object, nodes: Iterable[Any]) -> None:
    """Ask each node for its relationships, which is when they are judged; the graph itself, made in square time, nobody needs."""
    for each in nodes:
        _ = each.relationships


if __name__ == "__main__":
    main()
