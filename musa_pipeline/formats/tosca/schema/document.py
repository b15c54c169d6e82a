"""The schema of a whole file: which keys stand where, and for each known type what belongs to it."""

import json
from collections.abc import Iterable
from collections.abc import Mapping as Facts
from typing import Any, Final

from musa_pipeline.domain.problems import Problems
from musa_pipeline.formats.tosca.p1_read import read_document
from musa_pipeline.formats.tosca.schema.types import Known, Types
from musa_pipeline.formats.tosca.schema.values import FUNCTION, FUNCTIONS, PRIMITIVES, Schema

_VERSIONS: Final = [
    "tosca_simple_yaml_1_3",
    "tosca_simple_yaml_1_2",
    "tosca_simple_yaml_1_1",
    "tosca_simple_yaml_1_0",
    *(f"tosca_simple_yaml_1_{each}_0" for each in range(4)),
]
_TEXT: Final[Schema] = {"type": ["string", "null"]}
_ANY_MAP: Final[Schema] = {"type": ["object", "null"]}
_NAMES: Final[Schema] = {"type": "array", "items": {"type": "string"}}
_PARAMETER: Final[Schema] = {
    "type": "object",
    "properties": {
        "type": {"type": "string"},
        "description": _TEXT,
        "required": PRIMITIVES["boolean"],
        "default": {},
        "value": {},
        "status": {"type": "string"},
        "constraints": {"type": "array"},
        "key_schema": {},
        "entry_schema": {},
        "metadata": _ANY_MAP,
        "mapping": {},
        "sensitive": PRIMITIVES["boolean"],
        "external-schema": {"type": "string"},
    },
    "additionalProperties": False,
}
_TYPE_KEYS: Final = {
    "node_types": "attributes properties requirements capabilities interfaces artifacts",
    "relationship_types": "properties attributes interfaces valid_target_types valid_source_types",
    "capability_types": "properties attributes valid_source_types valid_target_types interfaces",
    "data_types": "constraints properties key_schema entry_schema",
    "artifact_types": "mime_type file_ext properties",
    "policy_types": "properties targets triggers",
    "group_types": "attributes properties members requirements capabilities interfaces",
}
_ALL_TYPES: Final = "derived_from version metadata description"


def write_schema(files: Facts[str, str]) -> str:
    """Return the schema as JSON text (draft 2020-12, in words that draft-07 has too); `files` define our types: name -> text."""
    roots = {}
    for name, text in files.items():
        document = read_document(text, name, Problems())
        if document is not None:
            roots[name] = document.root
    return json.dumps(_document(Types(roots)), indent=1, ensure_ascii=False) + "\n"


def _document(types: Types) -> Schema:
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "musa:tosca",
        "title": "TOSCA 1.0 to 1.3 with the types of musa",
        "type": "object",
        "properties": {
            "tosca_definitions_version": {"enum": _VERSIONS, "description": "The version of TOSCA; write the newest."},
            **dict.fromkeys(("description", "template_name", "template_author", "namespace", "tosca_default_namespace"), _TEXT),
            "template_version": {"type": ["string", "number", "null"]},
            "metadata": _ANY_MAP,
            "imports": {"$ref": "#/$defs/imports"},
            "repositories": _ANY_MAP,
            "dsl_definitions": {},
            "interface_types": {"$ref": "#/$defs/interface_types"},
            **{section: {"$ref": f"#/$defs/{section}"} for section in _TYPE_KEYS},
            "topology_template": {"$ref": "#/$defs/topology"},
        },
        "required": ["tosca_definitions_version"],
        "additionalProperties": False,
        "$defs": {
            "function": _function(),
            "imports": _imports(),
            "interface_types": {"type": ["object", "null"]},
            **{section: _definitions(keys) for section, keys in _TYPE_KEYS.items()},
            "topology": _topology(),
            "parameter": _PARAMETER,
            "node": _node(types),
            "artifact": _artifact(),
            "requirement": _requirement(),
            "group": _entity(types, "group_types", {"members": _NAMES, "interfaces": _ANY_MAP, "attributes": _ANY_MAP}),
            "policy": _entity(types, "policy_types", {"targets": _NAMES, "triggers": {}}),
            **{name: _capability(types, each) for name, each in types.sections["capability_types"].items() if each.properties},
            **types.data_schemas(),
        },
    }


def _function() -> Schema:
    names = FUNCTIONS.replace(" ", "|")
    return {
        "type": "object",
        "description": "A function of TOSCA 1.3, section 4.",
        "patternProperties": {rf"^\$?(?:{names})$": {}},
        "additionalProperties": False,
        "minProperties": 1,
        "maxProperties": 1,
    }


def _imports() -> Schema:
    whole: Schema = {
        "type": "object",
        "properties": {
            "file": {"type": "string"},
            "repository": {"type": "string"},
            "namespace_uri": {"type": "string"},
            "namespace_prefix": {"type": "string"},
        },
        "required": ["file"],
        "additionalProperties": False,
    }
    named = {"type": "object", "maxProperties": 1, "additionalProperties": {"anyOf": [{"type": "string"}, whole]}}
    return {
        "description": "Files with types; 'musa.yaml' brings ours.",
        "anyOf": [{"type": "array", "items": {"anyOf": [{"type": "string"}, whole, named]}}, {"type": ["object", "null"]}],
    }


def _definitions(keys: str) -> Schema:
    """Return the schema of a section of type definitions: its keys, so that a misspelt one is told."""
    known: Schema = {key: {} for key in f"{_ALL_TYPES} {keys}".split()}
    known |= {"derived_from": _TEXT, "description": _TEXT, "version": {"type": ["string", "number", "null"]}}
    body = {"type": ["object", "null"], "properties": known, "additionalProperties": False}
    return {"type": ["object", "null"], "additionalProperties": body}


def _topology() -> Schema:
    return {
        "type": "object",
        "properties": {
            "description": _TEXT,
            "inputs": {"type": ["object", "null"], "additionalProperties": {"$ref": "#/$defs/parameter"}},
            "outputs": {"type": ["object", "null"], "additionalProperties": {"$ref": "#/$defs/parameter"}},
            "node_templates": {"type": ["object", "null"], "additionalProperties": {"$ref": "#/$defs/node"}},
            "relationship_templates": {
                "type": ["object", "null"],
                "additionalProperties": {"type": "object", "required": ["type"], "properties": {"type": {"type": "string"}}},
            },
            "groups": {"type": ["object", "null"], "additionalProperties": {"$ref": "#/$defs/group"}},
            "policies": {
                "anyOf": [
                    {"type": "array", "items": {"type": "object", "additionalProperties": {"$ref": "#/$defs/policy"}}},
                    {"type": ["object", "null"], "additionalProperties": {"$ref": "#/$defs/policy"}},
                ]
            },
            "substitution_mappings": {"type": ["object", "null"]},
            "workflows": {"type": ["object", "null"]},
        },
        "additionalProperties": False,
    }


def _types_of(known: Iterable[Known]) -> Schema:
    """Return the schema of a `type` key: those known are offered with their descriptions; others too, if they are not named like ours."""
    offered: list[Schema] = [
        {"const": each.name, "description": each.description} if each.description else {"const": each.name} for each in known
    ]
    return {"anyOf": [*offered, {"type": "string", "not": {"pattern": r"^musa\."}}]}


def _by_type(known: Iterable[tuple[str, Schema]]) -> list[Schema]:
    return [
        {"if": {"properties": {"type": {"const": name}}, "required": ["type"]}, "then": schema}
        for name, schema in known
        if schema
    ]


def _node(types: Types) -> Schema:
    known = types.sections["node_types"]
    lists: Schema = {"type": "array", "items": {"$ref": "#/$defs/requirement"}}
    return {
        "type": "object",
        "properties": {
            "type": _types_of(known.values()),
            "description": _TEXT,
            "metadata": _ANY_MAP,
            "directives": _NAMES,
            "properties": _ANY_MAP,
            "attributes": _ANY_MAP,
            "requirements": {"anyOf": [lists, {"type": ["object", "null"]}]},
            "capabilities": _ANY_MAP,
            "interfaces": _ANY_MAP,
            "artifacts": {"type": ["object", "null"], "additionalProperties": {"$ref": "#/$defs/artifact"}},
            "node_filter": _ANY_MAP,
            "copy": {"type": "string"},
        },
        "required": ["type"],
        "additionalProperties": False,
        "allOf": _by_type((name, _of_node(types, each)) for name, each in known.items()),
    }


def _of_node(types: Types, known: Known) -> Schema:
    """Return what a node template of one type may have."""
    found: Schema = {"properties": {"anyOf": [types.properties(known, closed=True), {"type": "null"}]}}
    capabilities = {}
    for name, kind in known.capabilities.items():
        own = types.sections["capability_types"].get(kind)
        if own is not None and own.properties:
            capabilities[name] = {"$ref": f"#/$defs/{kind}"}
    if capabilities:
        found["capabilities"] = {"type": ["object", "null"], "properties": capabilities}
    if known.ours:
        each: Schema = {"type": "object", "properties": {key: {} for key in known.requirements}, "additionalProperties": False}
        found["requirements"] = {"anyOf": [{"type": "array", "items": each}, {**each, "type": ["object", "null"]}]}
    return {"properties": found}


def _capability(types: Types, known: Known) -> Schema:
    return {"type": ["object", "null"], "properties": {"properties": types.properties(known, closed=False)}}


def _artifact() -> Schema:
    return {"anyOf": [{"type": "string"}, {"type": "object", "properties": {"file": {}, "type": {"type": "string"}}}]}


def _requirement() -> Schema:
    words = "description node relationship capability node_filter occurrences count directives optional"
    keys: dict[str, Any] = {key: {} for key in words.split()}
    assignment: Schema = {"type": "object", "properties": keys, "additionalProperties": False}
    return {
        "type": "object",
        "minProperties": 1,
        "maxProperties": 1,
        "additionalProperties": {"anyOf": [{"type": ["string", "array", "null"]}, assignment, FUNCTION]},
    }


def _entity(types: Types, section: str, keys: Schema) -> Schema:
    known = types.sections[section]
    return {
        "type": "object",
        "properties": {
            "type": _types_of(known.values()),
            "description": _TEXT,
            "metadata": _ANY_MAP,
            "properties": _ANY_MAP,
            **keys,
        },
        "required": ["type"],
        "additionalProperties": False,
        "allOf": _by_type((name, _of_entity(types, each)) for name, each in known.items()),
    }


def _of_entity(types: Types, known: Known) -> Schema:
    """Return what a policy or group of one of our types may have; our reader is strict only about these."""
    if not known.ours:
        return {}
    inner = types.properties(known, closed=True)
    required = types.required(known)
    if not required:
        return {"properties": {"properties": {"anyOf": [inner, {"type": "null"}]}}}
    return {"properties": {"properties": {**inner, "required": required}}, "required": ["properties"]}
