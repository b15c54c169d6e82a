"""Changes to a YAML tree that keep it YAML: what people, generators and enemies do to a model."""

from collections.abc import Iterator
from typing import Any, Final

import yaml

from tests.fuzz.chance import Chance, one

LARGEST: Final = 2_000_000
_KNOWN: Final = """
tosca_definitions_version topology_template service_template node_templates relationship_templates inputs outputs policies groups imports
node_types capability_types relationship_types policy_types interface_types artifact_types data_types group_types repositories profile
derived_from type properties attributes requirements capabilities interfaces artifacts host uses dependency node relationship capability
node_filter directives copy count occurrences count_range substitution_mappings workflows triggers targets members Standard operations
create configure start stop delete implementation primary dependencies file repository checksum namespace_prefix namespace url metadata
get_input get_property get_attribute get_artifact get_operation_output concat join token $get_property $concat $equal SELF SOURCE TARGET
HOST controls metric at_least at_most alert_at countries agent data name class exposed port ports protocol secure network_name initiator
kind implements instances default value required constraints entry_schema valid_values in_range greater_or_equal scalable min_instances
max_instances num_cpus mem_size disk_size os architecture distribution image password relationships target type_requirement valid_source_types
tosca.nodes.Root tosca.nodes.Compute tosca.nodes.DBMS tosca.capabilities.Endpoint tosca.relationships.HostedOn tosca.nodes.nfv.VDU.Compute
tosca.policies.Scaling musa.nodes.Api musa.policies.Agent tosca_simple_yaml_1_3 tosca_2_0 alien_dsl_3_0_0 cloudify_dsl_1_5
tosca_simple_profile_for_nfv_1_0_0 tosca_variability_1_0
"""
_WORDS: Final = _KNOWN.split()
_VALUES: Final = [
    "null",
    "~",
    "true",
    "false",
    "yes",
    "0",
    "-1",
    "1",
    "80",
    "65536",
    "1.5",
    "1e400",
    ".inf",
    ".nan",
    "0x1f",
    "0o17",
    "99999999999999999999999",
    "4096",
    "16 GB",
    "-4 GB",
    "½ GB",
    "2026-11-22",
    "",
    " ",
    "[]",
    "{}",
    "a: b",
    "é\u202e\ud7ff\U0001f600",
    "\x07\x1b[31m",
    "../../../../etc/passwd",
    "https://example.org/types.yaml",
    "$(reboot)",
    "{{ secret }}",
    "x" * 5000,
    "a." * 300 + "b",
    "9" * 400,
    "-----BEGIN PRIVATE KEY-----",
    "fe80::1%eth0",
    "8080:80/udp",
    "[1, 65535]",
]
_FUNCTIONS: Final = (
    "get_input",
    "get_property",
    "get_attribute",
    "concat",
    "join",
    "token",
    "get_artifact",
    "$get_input",
    "$concat",
    "$union",
    "get_secret",
)
_STR: Final = "tag:yaml.org,2002:str"


def _scalar(text: str, *, plain: bool = False) -> yaml.ScalarNode:
    return yaml.ScalarNode(_STR, text, style=None if plain else '"')


def _within(root: yaml.Node) -> Iterator[yaml.CollectionNode]:
    """Yield every list and mapping once, circles allowed."""
    seen, pending = {id(root)}, [root]
    while pending:
        each = pending.pop()
        if not isinstance(each, yaml.CollectionNode):
            continue
        yield each
        for child in each.value:
            for part in child if isinstance(child, tuple) else (child,):
                if id(part) not in seen:
                    seen.add(id(part))
                    pending.append(part)


def changed(seed: str, chance: Chance, most: int = 4) -> str:
    """Return a model with some changes."""
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    dumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    documents = [each for each in yaml.compose_all(seed, Loader=loader) if each is not None]
    root = one(chance, documents)
    for _ in range(1 + chance.below(most)):
        places = list(_within(root))
        if not places:
            break
        _change(one(chance, places), places, chance)
    text = str(yaml.serialize_all(documents, Dumper=dumper, allow_unicode=bool(chance.below(2)), width=10_000))
    return text[:LARGEST]


def _change(place: yaml.CollectionNode, places: list[yaml.CollectionNode], chance: Chance) -> None:
    children: list[Any] = place.value
    if not children:
        children.append(_entry(place, _word(chance), _junk(places, chance)))
        return
    at = chance.below(len(children))
    value = children[at][1] if isinstance(children[at], tuple) else children[at]
    match chance.below(12):
        case 0:
            _put(children, at, _junk(places, chance))
        case 1:
            del children[at]
        case 2:
            children.insert(chance.below(len(children) + 1), children[at])
        case 3:
            _put(children, at, one(chance, places))  # an alias, a circle too
        case 4:
            _put(children, at, yaml.SequenceNode("tag:yaml.org,2002:seq", [value] * (1 + chance.below(3))))
        case 5:
            _put(children, at, _mapping(_scalar(one(chance, _FUNCTIONS)), value))
        case 6:
            _rename(children, at, _scalar(_word(chance), plain=True))
        case 7:
            _rename(children, at, one(chance, places))  # a list or a mapping as a key
        case 8:
            other = chance.below(len(children))
            children[at], children[other] = children[other], children[at]
        case 9:
            children.append(_entry(place, _word(chance), _junk(places, chance)))
        case 10:
            for _ in range(1 + chance.below(120)):
                value = _mapping(_scalar(_word(chance), plain=True), value) if chance.below(2) else _list(value)
            _put(children, at, value)
        case _:
            _exchange(children, at, one(chance, places), chance)


def _junk(places: list[yaml.CollectionNode], chance: Chance) -> yaml.Node:
    match chance.below(5):
        case 0:
            return _scalar(_word(chance), plain=True)
        case 1:
            return _list(_scalar(one(chance, _VALUES)))
        case 2:
            return _mapping(_scalar(one(chance, _FUNCTIONS)), _list(_scalar(_name(places, chance))))
        case 3:
            return _scalar(_name(places, chance))
        case _:
            text = one(chance, _VALUES)
            return _scalar(
                text,
                plain=text.isascii() and text.isprintable() and bool(text.strip()) and not set(text) & set(":{}[]#&*!|>'\"%@`,"),
            )


def _name(places: list[yaml.CollectionNode], chance: Chance) -> str:
    """Return a name that the model has: of a template, a type, an input."""
    place = one(chance, places)
    if isinstance(place, yaml.MappingNode) and place.value:
        key = one(chance, place.value)[0]
        return str(key.value) if isinstance(key, yaml.ScalarNode) else "x"
    return "x"


def _word(chance: Chance) -> str:
    return one(chance, _WORDS)


def _mapping(key: yaml.Node, value: yaml.Node) -> yaml.Node:
    return yaml.MappingNode("tag:yaml.org,2002:map", [(key, value)])


def _list(value: yaml.Node) -> yaml.Node:
    return yaml.SequenceNode("tag:yaml.org,2002:seq", [value])


def _entry(place: yaml.CollectionNode, key: str, value: yaml.Node) -> Any:
    return (_scalar(key, plain=True), value) if isinstance(place, yaml.MappingNode) else value


def _put(children: list[Any], at: int, value: yaml.Node) -> None:
    children[at] = (children[at][0], value) if isinstance(children[at], tuple) else value


def _rename(children: list[Any], at: int, key: yaml.Node) -> None:
    if isinstance(children[at], tuple):
        children[at] = (key, children[at][1])


def _exchange(children: list[Any], at: int, other: yaml.CollectionNode, chance: Chance) -> None:
    if other.value and other.value is not children:
        there = chance.below(len(other.value))
        mine = children[at][1] if isinstance(children[at], tuple) else children[at]
        theirs = other.value[there][1] if isinstance(other.value[there], tuple) else other.value[there]
        _put(children, at, theirs)
        _put(other.value, there, mine)
