"""The JSON Schema of `answers.yaml` (draft 2020-12), made from the tables that its reader asks, so that editors complete."""

import re
from collections.abc import Iterable
from typing import Any, Final

from musa_pipeline.domain.answers import Grant
from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.ids import control_key
from musa_pipeline.domain.metric import Weight
from musa_pipeline.domain.threat import BUSINESS, FACTORS
from musa_pipeline.formats.answers.read import ALL
from musa_pipeline.formats.answers.slos import WORDS
from musa_pipeline.text.json import readable

_FLAG: Final = r"^\s*([Yy][Ee][Ss]|[Nn][Oo]|[Oo][Nn]|[Oo][Ff][Ff]|[Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee])\s*$"
_SPELLING: Final = r"^\s*[A-Za-z]{2}[-_ ]?[0-9]+(\s*[(_.]\s*[0-9]+\s*\)?)?\s*$"
_ID: Final = "^[a-z0-9]+(-[a-z0-9]+)*$"
_TITLE: Final = r"[A-Za-z]{3}"
_EMPTY: Final = ["object", "null"]


def write_schema(catalogs: Catalogs | None = None) -> str:
    """Return the schema: threats, controls and metrics by name as these catalogs have them, or, without any, by their form.

    It takes whatever the reader takes. The reader refuses besides what a schema cannot know: a component or control that does
    not exist, one thing under two spellings, and bounds outside a metric's range.
    """
    return readable(
        {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": "musa:answers",
            "title": "answers.yaml",
            "description": "What people answer beside the model: business impact once, then each component. Everything may be left out.",
            "type": _EMPTY,
            "properties": {
                "business": _mapping(
                    "OWASP business impact of the application as a whole, each 0 to 9.", _among(BUSINESS), _ref("Factor")
                ),
                "components": _mapping(
                    "Answers by component, named by its id or its name in the model.", None, _ref("Component")
                ),
            },
            "additionalProperties": False,
            "$defs": _definitions(catalogs),
        }
    )


def _definitions(catalogs: Catalogs | None) -> dict[str, Any]:
    return {
        "Component": _component(catalogs),
        "Threat": _among(sorted(each.id for each in catalogs.threats)) if catalogs else {"pattern": _ID},
        "FactorValue": {"type": "integer", "minimum": 0, "maximum": 9},
        "Factor": _said("value", _ref("FactorValue"), "A value 0 to 9, or with why."),
        "YesNo": {"anyOf": [{"type": "boolean"}, {"type": "string", "pattern": _FLAG}]},
        "Question": _said("answer", _ref("YesNo"), "Yes or no, or with why."),
        "Grant": _among(Grant, "The component itself, the cloud service it runs on, an agent beside it, or nobody."),
        "GrantWord": {"type": "string", "pattern": _any_case(Grant)},
        "Control": _said("by", {"anyOf": [_ref("Grant"), _ref("GrantWord")]}, "Who implements it, or with why."),
        "Bound": {
            "description": "A number in the metric's unit, a number with its unit (99.5 %, 24 h), or yes or no.",
            "type": ["number", "boolean", "string"],
        },
        "Slo": _slo(),
        "Because": {
            "description": "Why one may believe it; shown in proofs and documents.",
            "type": ["string", "number", "boolean", "null"],
        },
    }


def _component(catalogs: Catalogs | None) -> dict[str, Any]:
    factors = _mapping("OWASP factors.", _among(FACTORS), _ref("Factor"))
    return {
        "type": _EMPTY,
        "properties": {
            "questions": _mapping("Yes or no to a threat's question, by threat id.", _ref("Threat"), _ref("Question")),
            "factors": _mapping(
                f"OWASP factors by threat id, or under `{ALL}` for every threat of the component.",
                {"anyOf": [{"const": ALL}, _ref("Threat")]},
                factors,
            ),
            "controls": _mapping(
                "Who implements a control of NIST SP 800-53, by its id (SC-5, SC-5(3)) or title.",
                _controls(catalogs),
                _ref("Control"),
            ),
            "slos": _mapping("Service levels that the component is to keep, by metric.", _metrics(catalogs), _ref("Slo")),
        },
        "additionalProperties": False,
    }


def _controls(catalogs: Catalogs | None) -> dict[str, Any]:
    forms = [{"pattern": _SPELLING}, {"pattern": _TITLE}]
    if catalogs is None:
        return {"anyOf": forms}
    ids = sorted((each.id for each in catalogs.controls.controls if not each.withdrawn), key=control_key)
    return {"anyOf": [_among(ids), *forms]}


def _metrics(catalogs: Catalogs | None) -> dict[str, Any] | None:
    """Return the names of metrics: by id, or by the id in the source in capital or small letters."""
    if catalogs is None:
        return None
    references = sorted({each.reference for each in catalogs.metrics if each.reference})
    return {"anyOf": [_among([*sorted(each.id for each in catalogs.metrics), *references]), {"pattern": _any_case(references)}]}


def _slo() -> dict[str, Any]:
    bounds = {word: _ref("Bound") for word in WORDS}
    mapping = {
        "type": "object",
        "properties": {
            **bounds,
            "alert_at": {"description": "Reached before the bound breaks.", **_ref("Bound")},
            "weight": {"type": "string", "pattern": _any_case(Weight)},
            "because": _ref("Because"),
        },
        "oneOf": [{"required": [word]} for word in WORDS],
        "additionalProperties": False,
    }
    return {"anyOf": [_ref("Bound"), mapping]}


def _said(key: str, value: dict[str, Any], description: str) -> dict[str, Any]:
    """Return the two forms of an answer: the bare value, or a mapping with the value and why."""
    mapping = {
        "type": "object",
        "properties": {key: value, "because": _ref("Because")},
        "required": [key],
        "additionalProperties": False,
    }
    return {"description": description, "anyOf": [value, mapping]}


def _mapping(description: str, names: dict[str, Any] | None, value: dict[str, Any]) -> dict[str, Any]:
    named = {} if names is None else {"propertyNames": names}
    return {"description": description, "type": _EMPTY, **named, "additionalProperties": value}


def _among(words: Iterable[str], description: str = "") -> dict[str, Any]:
    return {**({"description": description} if description else {}), "enum": [str(each) for each in words]}


def _any_case(words: Iterable[str]) -> str:
    """Return a pattern for words in capital or small letters, space around them."""
    either = (
        "".join(f"[{sign.upper()}{sign.lower()}]" if sign.isalpha() else re.escape(sign) for sign in each) for each in words
    )
    return rf"^\s*({'|'.join(either)})\s*$"


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/$defs/{name}"}
