"""Tests of policies: given what is known, when these events come, then exactly this is done."""

from musa_pipeline.domain.event import Plain
from musa_pipeline.domain.policy import Expected, Mode, PolicyTest, Step
from musa_pipeline.formats.policies.fields import Fields
from musa_pipeline.formats.policies.words import GIVEN_KEYS, LIVES, STEPS, TEST_KEYS, TRIGGERS
from musa_pipeline.text.expect import is_nothing, mapping_of, only, text_of
from musa_pipeline.text.yaml import Mapping as Tree
from musa_pipeline.text.yaml import Node, plain


def read_test(whole: Tree, policy: str, fields: Fields) -> PolicyTest | None:
    """Return a test of the policy above it; None if it cannot be followed."""
    problems = fields.problems
    before = problems.errors
    only(whole, TEST_KEYS, "a test", "P002", problems)
    title = text_of(whole.get("test")).strip()
    given = mapping_of(whole.get("given"), "'given'", "P001", problems) or Tree({}, {}, whole.at)
    only(given, GIVEN_KEYS, "'given'", "P002", problems)
    events = [each for node in fields.items(whole.get("events"), "events") if (each := _event(node, fields))]
    expect = [one for node in fields.items(whole.get("expect"), "expect") if (one := _expected(node, fields))]
    mode = fields.word(given.get("mode"), "mode", tuple(map(str, Mode)))
    lists = mapping_of(given.get("lists"), "'lists'", "P001", problems)
    until = fields.seconds(whole.get("until"), "until")
    if "events" not in whole.entries or not events:
        problems.report("P014", whole.at, f"test {title!r} has no events", help="events: [{at: 0s, finding: …}]")
    if "expect" not in whole.entries:
        problems.report("P014", whole.at, f"test {title!r} expects nothing", help="expect: [] says that nothing is done")
    times = [time for time, _ in events]
    if times != sorted(times):
        problems.report("P014", whole.keys.get("events", whole.at), "the events are not in order of time")
    if problems.errors > before:
        return None
    return PolicyTest(
        title=title,
        policy=policy or text_of(whole.get("policy")).strip(),
        services=_things(given.get("topology"), "topology", fields),
        hosts=_things(given.get("hosts"), "hosts", fields),
        lists=fields.lists(lists) if lists else {},
        protected=tuple(text_of(each) for each in fields.items(given.get("protected"), "protected")),
        mode=Mode(mode) if mode else None,
        events=tuple(events),
        expect=tuple(expect),
        until=max([until or 0.0, *times, *(each.time for each in expect)]),
        at=whole.keys.get("test", whole.at),
    )


def _things(node: Node | None, named: str, fields: Fields) -> dict[str, dict[str, Plain]]:
    tree = mapping_of(node, f"{named!r}", "P001", fields.problems)
    found: dict[str, dict[str, Plain]] = {}
    for name, each in tree or ():
        inner = mapping_of(each, f"{name!r}", "P001", fields.problems)
        found[name] = plain(inner) if inner else {}
    return found


def _event(node: Node, fields: Fields) -> tuple[float, dict[str, Plain]] | None:
    tree = mapping_of(node, "an event", "P001", fields.problems)
    if tree is None:
        return None
    kinds = [each for each in TRIGGERS if each in tree.entries and each != "without"]
    time = fields.seconds(tree.get("at"), "at")
    if len(kinds) != 1 or time is None:
        way = "{at: 5s, finding: traffic-anomaly, component: web}"
        fields.problems.report("P014", tree.at, "an event says when it comes, and what it is", help=way)
        return None
    said = plain(tree)
    return time, {key: value for key, value in said.items() if key != "at"}


def _expected(node: Node, fields: Fields) -> Expected | None:
    tree = mapping_of(node, "what is expected", "P001", fields.problems)
    if tree is None:
        return None
    time = fields.seconds(tree.get("at"), "at")
    steps = [each for each in STEPS if str(each) in tree.entries]
    if time is None or len(steps) != 1:
        way = "{at: 5s, block: 192.0.2.7, on: web}"
        fields.problems.report("P014", tree.at, "what is expected says when, and which step", help=way)
        return None
    step: Step = steps[0]
    only(tree, ("at", str(step), "on", "is"), "what is expected", "P002", fields.problems)
    life = fields.word(tree.get("is"), "is", LIVES) or "done"
    main = tree.entries[str(step)]
    if is_nothing(main):
        fields.problems.report("P014", main.at, f"{step!s} of what?")
    return Expected(time=time, step=step, main=text_of(main).strip(), on=text_of(tree.get("on")).strip(), life=life, at=tree.at)
