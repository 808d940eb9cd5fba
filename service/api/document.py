"""The OpenAPI document, made one that client generators make good use of, and the page that shows it. All assets come
from this server."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import flask_openapi3_swagger  # type: ignore[import-untyped]
from flask import Blueprint, Response, current_app, jsonify, send_from_directory
from flask_openapi3.openapi import OpenAPI

from moderation.sites.keys import Scope
from service.api.responses import KEY_SCHEME, READER_SCHEME
from service.api.schemas import webhook_schemas
from service.auth import open_to_all

HELD_OPEN = ("submitComment", "editComment", "postAsReader", "editOwnComment")
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
    data = [{"$ref": f"{webhook_schemas.REF}{name}"} for name in ("EventData", *webhook_schemas.DATA.values())]
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
        scopes = [requirement.scope, requirement.instead, *([Scope.PUBLIC] if requirement.is_public else [])]
        security: list[dict[str, list[str]]] = [{KEY_SCHEME: [scope.value]} for scope in scopes if scope is not None]
        for operation in (item[m.lower()] for m in rule.methods or () if m.lower() in item):
            operation["security"] = security or [{READER_SCHEME: []}]


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


ASSETS = Path(flask_openapi3_swagger.__file__).parent / "templates" / "swagger"
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Gavel API</title>
<link rel="stylesheet" href="docs/assets/css/swagger-ui.css">
</head>
<body>
<div id="page"></div>
<noscript>All calls are in <a href="openapi.json">openapi.json</a>.</noscript>
<script src="docs/assets/js/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
</body>
</html>
"""
START = """SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#page",
  deepLinking: true,
  validatorUrl: null,
  persistAuthorization: false,
  presets: [SwaggerUIBundle.presets.apis],
});
"""
POLICY = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'"

document = Blueprint("document", __name__)


@document.get("/openapi.json")
@open_to_all
def openapi() -> Response:
    """The document. It is the same for everybody."""
    app = cast(OpenAPI, current_app)
    return jsonify(app.spec_json or finish(app.api_doc))


@document.get("/docs")
@open_to_all
def docs() -> Response:
    """The page that shows the document."""
    return Response(PAGE, mimetype="text/html", headers={"Content-Security-Policy": POLICY})


@document.get("/docs/start.js")
@open_to_all
def start() -> Response:
    """Its script, in a file because the content policy allows no inline scripts."""
    return Response(START, mimetype="text/javascript")


@document.get("/docs/assets/<path:name>")
@open_to_all
def asset(name: str) -> Response:
    """Swagger UI's own files."""
    return send_from_directory(ASSETS, name, max_age=86_400)
