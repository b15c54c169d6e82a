"""The description of the broker after OpenAPI 3.1, made of the same shapes that read and write."""

import re
from functools import cache
from typing import Any

import msgspec

from musa_pipeline import __version__
from musa_pipeline.domain.context import Kind
from musa_pipeline.services.broker.doors import DOORS, Door
from musa_pipeline.services.broker.shapes import Problem

PREFIX = "/context/v1"
_REF = "#/components/schemas/{name}"
_REASONS = {
    400: "the question cannot be understood",
    401: "the token is not known",
    403: "the role does not suffice",
    404: "there is no such thing",
    408: "the body does not arrive",
    413: "the body is too large",
    415: "the body is not JSON",
    503: "what is known cannot be read now; try again",
}


@cache
def document() -> bytes:
    """Return the description as JSON."""
    shapes = [Problem, *(each.answers for each in DOORS), *(each.body for each in DOORS if each.body)]
    _, schemas = msgspec.json.schema_components(shapes, ref_template=_REF)
    paths: dict[str, Any] = {}
    for door in DOORS:
        paths.setdefault(door.path, {})[door.method.lower()] = _operation(door)
    paths["/openapi.json"] = {
        "get": {
            "operationId": "getDescription",
            "summary": "This description",
            "responses": {"200": {"description": "OpenAPI 3.1", "content": {"application/json": {"schema": {"type": "object"}}}}},
        }
    }
    return msgspec.json.encode(
        {
            "openapi": "3.1.0",
            "info": {
                "title": "Context Broker",
                "version": __version__,
                "summary": "What is known of an application and its machines: now, and as it was",
                "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
            },
            "servers": [{"url": PREFIX}],
            "paths": paths,
            "components": {
                "schemas": schemas,
                "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
                "responses": {str(status): _refusal(status) for status in _REASONS},
            },
        },
        order="deterministic",
    )


def _operation(door: Door) -> dict[str, Any]:
    body = {"requestBody": {"required": True, "content": _content(door.body)}} if door.body else {}
    refusals = sorted({*door.refuses, 401, 403, 503})
    return {
        "operationId": door.name,
        "summary": door.says,
        "security": [{"token": []}] if door.method != "GET" else [{}, {"token": []}],
        "parameters": [*_of_the_path(door), *_of_the_query(door)],
        **body,
        "responses": {
            "200": {"description": door.answers.__doc__, "content": _content(door.answers)},
            **{str(status): {"$ref": f"#/components/responses/{status}"} for status in refusals},
        },
    }


def _content(shape: type[msgspec.Struct], media: str = "application/json") -> dict[str, Any]:
    (schema,), _ = msgspec.json.schema_components([shape], ref_template=_REF)
    return {media: {"schema": schema}}


def _refusal(status: int) -> dict[str, Any]:
    return {"description": _REASONS[status], "content": _content(Problem, "application/problem+json")}


def _of_the_path(door: Door) -> list[dict[str, Any]]:
    kinds = {"type": "string", "enum": sorted(Kind)}
    schemas = {"kind": kinds, "id": {"type": "string", "description": "slashes in it are written %2F"}}
    return [{"name": name, "in": "path", "required": True, "schema": schemas[name]} for name in re.findall(r"{(\w+)}", door.path)]


def _of_the_query(door: Door) -> list[dict[str, Any]]:
    _, components = msgspec.json.schema_components([door.asked], ref_template=_REF)
    shape = components[door.asked.__name__]
    required = shape.get("required", [])
    return [
        {"name": name, "in": "query", "required": name in required, "schema": schema}
        for name, schema in shape["properties"].items()
    ]
