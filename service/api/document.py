"""The OpenAPI document and the page that shows it. All assets come from this server."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import flask_openapi3_swagger  # type: ignore[import-untyped]
from flask import Blueprint, Response, current_app, jsonify, send_from_directory
from flask_openapi3.openapi import OpenAPI

from service.api.generating import finish
from service.auth import open_to_all

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
