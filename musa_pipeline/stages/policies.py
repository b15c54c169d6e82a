"""Policies of a repository: read, checked for each other's sake, and rehearsed with their tests."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from musa_pipeline.domain.policy import Mode, Policy, Rule, Step
from musa_pipeline.domain.problems import Problems
from musa_pipeline.domain.source import Span
from musa_pipeline.formats.policies import NOBODY, Known, PolicyFile, read_policy
from musa_pipeline.stages.known import known_of
from musa_pipeline.stages.protected import check_protected
from musa_pipeline.workspace.policies import policy_files

if TYPE_CHECKING:
    from musa_pipeline.assurance.reactions import Belts, Note
    from musa_pipeline.assurance.rehearse import Done, Rehearsal
    from musa_pipeline.context.port import Context
    from musa_pipeline.stages.work import Work

MOST_REPLAYED = 100_000
"""Stored events of one kind that are replayed at most, the latest."""


def policies_of(work: "Work") -> tuple[Policy, ...]:
    """Return the policies of an application's repository, by id; what is wrong is reported with the work's other problems."""
    check_protected(work)
    lists = dict(work.settings.runtime.lists)
    files = read_policies(policy_files(work.problems, work.place.root), lists, work.problems, known_of(work))
    return tuple(each.policy for each in files if each.policy)


def read_policies(
    files: Mapping[str, str], lists: Mapping[str, object], problems: Problems, known: Known = NOBODY
) -> tuple[PolicyFile, ...]:
    """Return what files hold (path -> text), and report where policies work against each other; `known`: what they may name.

    Code P015: one policy takes away what another one puts there for the same reason, or undoes its own work at once.
    """
    found = tuple(read_policy(text, path, problems, lists, known) for path, text in sorted(files.items()))
    _against([each.policy for each in found if each.policy], problems)
    return found


def rehearse_policies(files: Iterable[PolicyFile], lists: Collection[str] = ()) -> Iterator[tuple[Policy, "Rehearsal"]]:
    """Yield what comes of each test; `lists` of the settings are empty where it does not give them."""
    from musa_pipeline.assurance.rehearse import rehearse

    for each in files:
        for test in each.tests if each.policy else ():
            if each.policy:
                yield each.policy, rehearse(each.policy, test, lists=lists)


def replay_policies(
    policies: tuple[Policy, ...],
    context: "Context",
    since: float,
    until: float,
    belts: "Belts",
    lists: Mapping[str, tuple[str, ...]],
) -> "tuple[int, tuple[Done, ...], tuple[Note, ...]]":
    """Return how many stored events were met, and what the policies would have done. Nothing is done."""
    from musa_pipeline.assurance.rehearse import replay
    from musa_pipeline.domain.event import EventType, Finding
    from musa_pipeline.domain.verdict import Incident, Verdict
    from musa_pipeline.formats.events import read_payload

    kinds = (EventType.FINDING, EventType.VERDICT, EventType.INCIDENT, EventType.MANAGEMENT)
    events = []
    for kind in kinds:
        for each in context.told(which=kind, since=since, until=until, most=MOST_REPLAYED):
            said = read_payload(each)
            if isinstance(said, Finding | Verdict | Incident | dict):
                events.append((each.id, each.time, said))
    events.sort(key=lambda each: (each[1], each[0]))
    return len(events), *replay(policies, events, context, belts, lists)


def lists_of(root: Path, problems: Problems) -> dict[str, tuple[str, ...]]:
    """Return the lists that a repository's musa.yaml defines."""
    from musa_pipeline.formats.settings import read_settings
    from musa_pipeline.workspace.files import read_text

    path = root / "musa.yaml"
    text = read_text(path, "musa.yaml", problems) if path.is_file() else None
    return dict(read_settings(text, "musa.yaml", Problems()).runtime.lists) if text else {}


def _against(policies: Iterable[Policy], problems: Problems) -> None:
    puts: dict[tuple[str, str, str], Policy] = {}
    takes: list[tuple[tuple[str, str, str], Policy, Span]] = []
    for policy in policies:
        if policy.mode is Mode.SHADOW:
            continue
        for rule in _rules(policy.rule):
            for ask in rule.do:
                why = (rule.on.what, rule.on.which, str(ask.arguments.get("program", "")))
                if ask.step is Step.LOAD:
                    puts.setdefault(why, policy)
                elif ask.step is Step.UNLOAD:
                    takes.append((why, policy, ask.at))
    for why, policy, at in takes:
        other = puts.get(why)
        if other is not None:
            what = f"{policy.id!r} unloads {why[2]!r} when a {why[0]} {why[1]!r} comes, and {other.id!r} loads it then"
            problems.warn("P015", at, what, help="let one of the two wait for something else")


def _rules(rule: Rule) -> Iterator[Rule]:
    yield rule
    for each in rule.then:
        yield from _rules(each)
