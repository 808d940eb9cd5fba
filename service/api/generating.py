"""Makes the OpenAPI document one that client generators make good use of."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from flask import current_app

from moderation.people.keys import Scope
from service.api.responses import KEY_SCHEME
from service.api.schemas import webhook_schemas

HELD_OPEN = ("submitComment", "editComment")
PREFER = {
    "name": "Prefer",
    "in": "header",
    "required": False,
    "description": "`wait=N` waits up to N seconds for the decision, at most 10",
    "schema": {"type": "string"},
    "example": "wait=3",
}


def finish(spec: dict[str, Any]) -> dict[str, Any]:
    """Adds what the framework has no place for, and takes out the defaults of fields."""
    components = spec["components"]["schemas"]
    for name, schema in webhook_schemas.schemas().items():
        components.setdefault(name, schema)
    data = [{"$ref": f"{webhook_schemas.REF}{name}"} for name in ("EventData", "AuthorEventData")]
    components["Event"]["properties"]["data"] = {"anyOf": data}
    spec["webhooks"] = webhook_schemas.webhooks()
    _name_scopes(spec)
    for operation in _operations(spec):
        if operation.get("operationId") in HELD_OPEN:
            operation.setdefault("parameters", []).append(PREFER)
        for parameter in operation.get("parameters", ()):
            _drop_null(parameter["schema"])
    for field in list(_fields(components)):
        _say_default(field)
    return spec


def _name_scopes(spec: dict[str, Any]) -> None:
    """Names in each operation the scope that it needs; or one of them, where a key for browsers will do as well."""
    for rule in current_app.url_map.iter_rules():
        requirement = vars(current_app.view_functions[rule.endpoint]).get("requirement")
        item = spec["paths"].get(re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), {})
        if requirement is None:
            continue
        scopes = [requirement.scope, *([Scope.PUBLIC] if requirement.is_public else [])]
        for operation in (item[m.lower()] for m in rule.methods or () if m.lower() in item):
            operation["security"] = [{KEY_SCHEME: [scope.value]} for scope in scopes]


def _operations(spec: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path in spec["paths"].values():
        yield from path.values()


def _fields(node: Any) -> Iterator[dict[str, Any]]:
    """Of every object in the schemas, however deep it lies."""
    if isinstance(node, dict):
        yield from (node["properties"].values() if node.get("type") == "object" and "properties" in node else ())
        for part in node.values():
            yield from _fields(part)
    elif isinstance(node, list):
        for part in node:
            yield from _fields(part)


def _drop_null(schema: dict[str, Any]) -> None:
    if "default" in schema and schema["default"] is None:
        del schema["default"]


def _say_default(field: dict[str, Any]) -> None:
    """Generators for TypeScript take a field with a default for one that is always there, and so ask for it in a
    request: https://openapi-ts.dev/cli (``--default-non-nullable``)."""
    if "default" not in field:
        return
    default = field.pop("default")
    if default is not None:
        said = f"`{json.dumps(default)}` when left out"
        field["description"] = f"{field['description']}; {said}" if "description" in field else said.capitalize()
