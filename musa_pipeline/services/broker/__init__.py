"""The Context Broker over HTTP: what is, was, can be and is measured, described by OpenAPI."""

from musa_pipeline.services.broker.app import broker_app
from musa_pipeline.services.broker.openapi import PREFIX
from musa_pipeline.services.broker.roles import Role, Roles, tokens

__all__ = ["PREFIX", "Role", "Roles", "broker_app", "tokens"]
