"""The OpenAPI document and the page that shows it, with its assets from this server and from nowhere else."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import flask_openapi3_swagger  # type: ignore[import-untyped]
from flask import Blueprint, Response, current_app, jsonify, send_from_directory
from flask_openapi3.openapi import OpenAPI

ASSETS = Path(flask_openapi3_swagger.__file__).parent / "templates" / "swagger"
HELD_OPEN = ("submitComment", "editComment")
PREFER = {
    "name": "Prefer",
    "in": "header",
    "required": False,
    "description": "`wait=N` holds the reply for the decision, at most 10 seconds",
    "schema": {"type": "string"},
    "example": "wait=3",
}
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
<noscript>The calls are listed in <a href="openapi.json">openapi.json</a>.</noscript>
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
def openapi() -> Response:
    app = cast(OpenAPI, current_app)
    return jsonify(app.spec_json or finish(app.api_doc))


@document.get("/docs")
def docs() -> Response:
    return Response(PAGE, mimetype="text/html", headers={"Content-Security-Policy": POLICY})


@document.get("/docs/start.js")
def start() -> Response:
    return Response(START, mimetype="text/javascript")


@document.get("/docs/assets/<path:name>")
def asset(name: str) -> Response:
    return send_from_directory(ASSETS, name, max_age=86_400)


def finish(spec: dict[str, Any]) -> dict[str, Any]:
    """Adds what the framework has no place for: a header beside the parameters of a path."""
    for path in spec["paths"].values():
        for operation in path.values():
            if operation.get("operationId") in HELD_OPEN:
                operation.setdefault("parameters", []).append(PREFER)
    return spec
