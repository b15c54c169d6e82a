"""Policies as people write them: on, when, do, else, then, limits, undo, mode; and the tests that stand in the same file."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from musa_pipeline.domain.event import Plain
from musa_pipeline.domain.policy import Ask, Limits, Mode, Policy, PolicyTest, Rule, Step, Trigger, Undo
from musa_pipeline.domain.problems import Problems
from musa_pipeline.domain.sight import EVENTS
from musa_pipeline.domain.source import Source, Span
from musa_pipeline.formats.policies.condition import check_condition
from musa_pipeline.formats.policies.fields import Fields
from musa_pipeline.formats.policies.known import NOBODY, Checked, Known
from musa_pipeline.formats.policies.tests import read_test
from musa_pipeline.formats.policies.words import LIMIT_KEYS, POLICY_KEYS, RULE_KEYS, STEPS, TRIGGERS, WHICH, Shape
from musa_pipeline.text.expect import form_of, is_nothing, mapping_of, only, text_of, value_of
from musa_pipeline.text.yaml import Mapping as Tree
from musa_pipeline.text.yaml import Node, Scalar, Sequence, plain, read_yaml

_EVENT: Final = re.compile(r"event\.([A-Za-z_]+)")
_ID: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_WORD: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}")
DEEPEST: Final = 8
"""Rules that wait for rules; people write two or three."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyFile:
    """What one file holds: a policy, if it can be used, and its tests."""

    policy: Policy | None
    tests: tuple[PolicyTest, ...]


def read_policy(text: str, file: str, problems: Problems, lists: Collection[str] = (), known: Known = NOBODY) -> PolicyFile:
    """Return the policy of a file and its tests. `lists`: names of those that the team's settings define; `known`: what exists.

    Codes: P001 wrong shape, P002 unknown key, P003 something is missing, P004 not one of the words, P005 not a time, a number or a
    share, P006 an argument that its step cannot take, P007 a field that the event does not have, P008 a name that cannot be one or
    is not the file's, P009 a rule that can do nothing, P010 to P012 conditions, P013 a policy without a test, P014 a test that
    cannot be followed, P016 a playbook, program or algorithm that is not there, P017 a finding that no algorithm has, P018 a metric
    that no catalog has, P019 a component or machine that the model lacks.
    """
    documents = read_yaml(text, file, problems, several=True)
    trees = [each for each in documents.items if not is_nothing(each)] if isinstance(documents, Sequence) else []
    policy: Policy | None = None
    tests: list[PolicyTest] = []
    for index, tree in enumerate(trees):
        whole = mapping_of(tree, "a policy" if index == 0 else "a test", "P001", problems)
        if whole is None:
            continue
        if "test" in whole.entries:
            found = read_test(whole, policy.id if policy else "", Fields(problems))
            tests += [found] if found else []
        elif policy is not None:
            problems.report("P001", whole.at, "a second policy begins here", help="one policy a file; tests begin with 'test:'")
        else:
            policy = _Reader(problems, lists, known).policy(whole, file)
    if isinstance(documents, Sequence) and not trees:
        problems.report("Y006", Span(file), "nothing in the file")
    if policy is not None and not tests:
        problems.warn("P013", policy.at, f"policy {policy.id!r} has no test", help="add a document that begins with 'test:'")
    return PolicyFile(policy=policy, tests=tuple(tests))


class _Reader:
    def __init__(self, problems: Problems, lists: Collection[str], known: Known) -> None:
        self.problems, self.lists, self.known = problems, frozenset(lists), known
        self.names = Checked(known, problems)
        self.fields = Fields(problems)

    def policy(self, whole: Tree, file: str) -> Policy | None:
        before = self.problems.errors
        only(whole, POLICY_KEYS, "a policy", "P002", self.problems)
        name = self._name(whole, file)
        lists = self._lists(whole.get("lists"))
        self.lists = self.lists | {key for key, _ in lists}
        rule = self.rule(whole, "policy", 0)
        mode = self.fields.word(whole.get("mode"), "mode", tuple(map(str, Mode))) or ""
        if is_nothing(whole.get("mode")):
            self.problems.report("P003", whole.at, "a policy says its mode", help="mode: shadow, approve or enforce")
        undo = self._undo(whole.get("undo"))
        limits = self._limits(whole.get("limits"))
        sources = self._sources(whole.get("sources"))
        if self.problems.errors > before or rule is None or not name:
            return None
        return Policy(
            id=name,
            title=text_of(whole.get("title")).strip() or name,
            rule=rule,
            mode=Mode(mode),
            limits=limits,
            undo=undo,
            lists=lists,
            sources=sources,
            at=whole.at,
        )

    def rule(self, whole: Tree, named: str, depth: int) -> Rule | None:
        if depth > DEEPEST:
            self.problems.report("P001", whole.at, f"rules nest deeper than {DEEPEST}")
            return None
        trigger = self._trigger(whole, named, depth)
        if trigger is None:
            return None
        when = whole.get("when")
        condition = ""
        if isinstance(when, Scalar) and not is_nothing(when):
            condition = check_condition(when, trigger.what, self.lists, self.problems, known=self.known)
        elif when is not None and not is_nothing(when):
            self.problems.report("P001", when.at, f"a condition is one text, not {form_of(when)}")
        do = self._asks(whole.get("do"), "do", trigger.what)
        otherwise = self._asks(whole.get("else"), "else", trigger.what)
        then = tuple(self._then(whole.get("then"), depth))
        if not any(self.fields.items(whole.get(key), key) for key in ("do", "else", "then")):
            self.problems.report("P009", whole.at, f"this {named} does nothing", help="give it do, else or then")
        if otherwise and is_nothing(when):
            self.problems.report("P009", whole.keys["else"], "without a condition this is never done", help="add when")
        missing = value_of(whole.get("on_missing"))
        if missing not in (None, True, False):
            self.problems.report("P004", whole.keys["on_missing"], "'on_missing' is true or false")
        return Rule(
            on=trigger,
            when=condition,
            do=do,
            otherwise=otherwise,
            then=then,
            on_missing=missing is True,
            at=whole.keys.get("on", whole.at),
        )

    def _name(self, whole: Tree, file: str) -> str:
        node = whole.get("id")
        name = text_of(node).strip()
        stem = file.replace("\\", "/").rpartition("/")[2].rpartition(".")[0]
        if not name:
            self.problems.report("P003", whole.at, "a policy has an id", help=f"id: {stem or 'flood'}")
        elif not _ID.fullmatch(name):
            at = node.at if node else whole.at
            self.problems.report("P008", at, f"{name!r} cannot be an id", help="lower case letters, digits and hyphens")
        elif stem and name != stem:
            at = node.at if node else whole.at
            self.problems.report("P008", at, f"the policy is {name!r}, its file {stem!r}", help=f"rename the file to {name}.yaml")
        else:
            return name
        return ""

    def _trigger(self, whole: Tree, named: str, depth: int) -> Trigger | None:
        node = whole.get("on")
        if is_nothing(node):
            self.problems.report("P003", whole.at, f"a {named} says what starts it", help="on: {finding: traffic-anomaly}")
            return None
        tree = mapping_of(node, "'on'", "P001", self.problems)
        if tree is None:
            return None
        kinds = [each for each in TRIGGERS if each in tree.entries]
        if len(kinds) != 1:
            way = f"one of {', '.join(TRIGGERS)}"
            self.problems.report("P003", tree.at, "'on' names one thing that starts the rule", help=way)
            return None
        kind = kinds[0]
        only(tree, TRIGGERS[kind], f"'on: {kind}'", "P002", self.problems)
        which = self.fields.word(tree.get(kind), kind, WHICH.get(kind, ()))
        if which is None:
            return None
        if kind in ("finding", "without"):
            self.names.name("finding", which, _place(tree, kind))
        metric = text_of(tree.get("metric")).strip()
        self.names.name("metric", metric, _place(tree, "metric"))
        count, seconds = self._count(tree.get("count"))
        what = "silence" if kind == "without" else kind
        if kind == "without":
            seconds = self.fields.seconds(tree.get("for"), "for") or 0.0
            if not seconds:
                self.problems.report("P003", tree.at, "'without' says for how long", help=f"on: {{without: {which}, for: 30s}}")
        within = self.fields.seconds(tree.get("within"), "within")
        if within is not None and depth == 0:
            self.problems.report(
                "P009", tree.keys["within"], "'within' counts from the rule above; here is none", help="remove it"
            )
        distinct = self.fields.word(tree.get("distinct"), "distinct", tuple(EVENTS[what])) or ""
        if distinct and count < 2:
            self.problems.report("P009", tree.keys["distinct"], "'distinct' goes with a count", help="count: 3 in 1m")
        return Trigger(
            what=what,
            which=which,
            metric=metric,
            confidence=self.fields.share(tree.get("confidence"), "confidence") or 0.0,
            within=within,
            count=count,
            seconds=seconds,
            distinct=distinct,
        )

    def _count(self, node: Node | None) -> tuple[int, float]:
        if is_nothing(node):
            return 1, 0.0
        return self.fields.count(node, "count") or (1, 0.0)

    def _then(self, node: Node | None, depth: int) -> list[Rule]:
        found = []
        for each in self.fields.items(node, "then"):
            tree = mapping_of(each, "a rule", "P001", self.problems)
            if tree is not None:
                only(tree, RULE_KEYS, "a rule", "P002", self.problems)
                rule = self.rule(tree, "rule", depth + 1)
                found += [rule] if rule else []
        return found

    def _asks(self, node: Node | None, named: str, what: str) -> tuple[Ask, ...]:
        found = (self._ask(each, named, what) for each in self.fields.items(node, named))
        return tuple(each for each in found if each)

    def _ask(self, node: Node, named: str, what: str) -> Ask | None:
        tree = mapping_of(node, f"a step of {named!r}", "P001", self.problems)
        if tree is None:
            return None
        keys = [key for key in tree.entries if key not in ("verify", "within")]
        if len(keys) != 1:
            self.problems.report("P001", tree.at, "one step is one key", help="- load: {program: source-counters}")
            return None
        word = self.fields.one_of(keys[0], tree.keys[keys[0]], "step", tuple(map(str, Step)))
        if word is None:
            return None
        step = Step(word)
        arguments = self._arguments(step, tree.entries[word], what)
        verify, node_of = "", tree.get("verify")
        if isinstance(node_of, Scalar) and not is_nothing(node_of):
            verify = check_condition(node_of, what, self.lists, self.problems, known=self.known)
        within = self.fields.seconds(tree.get("within"), "within")
        if arguments is None:
            return None
        return Ask(step=step, arguments=arguments, verify=verify, within=60.0 if within is None else within, at=tree.keys[word])

    def _arguments(self, step: Step, node: Node, what: str) -> dict[str, Plain] | None:
        shape = STEPS[step]
        tree = node if isinstance(node, Tree) else Tree({shape.main: node}, {shape.main: node.at}, node.at)
        only(tree, shape.kinds, f"{step!s}", "P002", self.problems)
        found: dict[str, Plain] = {}
        whole = True
        for key in (shape.main, *shape.needed):
            if is_nothing(tree.get(key)):
                self.problems.report("P003", tree.at, f"{step!s} says its {key}", help=f"{step!s}: {{{key}: …}}")
                whole = False
        for key, value in tree:
            if key in shape.kinds and not is_nothing(value):
                argument = self._argument(step, shape, key, value, what)
                whole = whole and argument is not None
                found[key] = argument
        return found if whole else None

    def _argument(self, step: Step, shape: Shape, key: str, node: Node, what: str) -> Plain:
        kind = shape.kinds[key]
        if kind == "time":
            return self.fields.seconds(node, key, least=0.001)
        if kind == "numbers":
            return self._numbers(node, key)
        if kind == "values":
            return self._values(node, key, what)
        text = text_of(node).strip() if isinstance(node, Scalar) else ""
        if not text:
            self.problems.report("P006", node.at, f"{key!r} of {step!s} is a word, not {form_of(node)}")
            return None
        named = _EVENT.fullmatch(text)
        if named:
            return text if self._field(named[1], node.at, what) else None
        if kind == "severity":
            return self.fields.severity(node, key)
        if kind == "address":
            return self.fields.address(node, key)
        if kind == "word" and not _WORD.fullmatch(text):  # it becomes part of file names and commands
            self.problems.report("P006", node.at, f"{key!r} cannot be {text!r}", help="letters, digits, dots, hyphens; no path")
            return None
        self.names.name("part" if kind == "where" else key, text, node.at)
        return text

    def _field(self, name: str, at: Span, what: str) -> bool:
        if name in EVENTS[what]:
            return True
        way = self.fields.near(name, EVENTS[what]) or f"it has {', '.join(sorted(EVENTS[what]))}"
        self.problems.report("P007", at, f"the event of a {what} has no {name!r}", help=way)
        return False

    def _numbers(self, node: Node, key: str) -> Plain:
        tree = mapping_of(node, f"{key!r}", "P006", self.problems)
        if tree is None:
            return None
        found: dict[str, Plain] = {}
        for name, each in tree:
            number = value_of(each)
            if isinstance(number, bool) or not isinstance(number, int):
                self.problems.report("P006", each.at, f"{name!r} is a whole number, not {form_of(each)}")
            else:
                found[name] = number
        return found

    def _values(self, node: Node, key: str, what: str) -> Plain:
        tree = mapping_of(node, f"{key!r}", "P006", self.problems)
        if tree is None:
            return None
        for _, each in tree:
            named = _EVENT.fullmatch(text_of(each).strip()) if isinstance(each, Scalar) else None
            if named:
                self._field(named[1], each.at, what)
        found = plain(tree)
        return found if isinstance(found, dict) else None

    def _undo(self, node: Node | None) -> Undo | None:
        if is_nothing(node):
            return None
        tree = mapping_of(node, "'undo'", "P001", self.problems)
        if tree is None:
            return None
        only(tree, ("after", "without"), "'undo'", "P002", self.problems)
        after = self.fields.seconds(tree.get("after"), "after")
        without = text_of(tree.get("without")).strip()
        if after is None or not without:
            way = "undo: {after: 10m, without: traffic-anomaly}"
            self.problems.report("P003", tree.at, "'undo' says after how long without what", help=way)
            return None
        self.names.name("finding", without, _place(tree, "without"))
        return Undo(after=after, without=without)

    def _limits(self, node: Node | None) -> Limits:
        default = Limits()
        tree = mapping_of(node, "'limits'", "P001", self.problems)
        if tree is None:
            return default
        only(tree, LIMIT_KEYS, "'limits'", "P002", self.problems)
        given = tree.get("per_target")
        count, seconds = (None if is_nothing(given) else self.fields.count(given, "per_target")) or (
            default.count,
            default.seconds,
        )
        share = self.fields.share(tree.get("share_of_graph"), "share_of_graph")
        cool = self.fields.seconds(tree.get("cool_down"), "cool_down")
        return Limits(
            count=count,
            seconds=seconds,
            share=default.share if share is None else share,
            cool_down=default.cool_down if cool is None else cool,
        )

    def _lists(self, node: Node | None) -> tuple[tuple[str, tuple[str, ...]], ...]:
        tree = mapping_of(node, "'lists'", "P001", self.problems)
        return () if tree is None else tuple(sorted(self.fields.lists(tree).items()))

    def _sources(self, node: Node | None) -> tuple[Source, ...]:
        found = []
        known = ("document", "version", "clause", "link", "date")
        for each in self.fields.items(node, "sources"):
            tree = mapping_of(each, "a source", "P001", self.problems)
            if tree is not None:
                only(tree, known, "a source", "P002", self.problems)
                said: Mapping[str, str] = {key: text_of(tree.get(key)) for key in known}
                found.append(Source(**said))
        return tuple(found)


def _place(tree: Tree, key: str) -> Span:
    node = tree.get(key)
    return node.at if node else tree.at
