"""The HTTP API: one module per noun, all under one guard."""

from __future__ import annotations

from typing import Any

from flask_openapi3.models.info import Info
from flask_openapi3.openapi import OpenAPI

from service import auth
from service.api.articles import articles
from service.api.comments import comments
from service.api.decisions import decisions
from service.api.document import document
from service.api.events import events
from service.api.health import health
from service.api.policy import policy
from service.api.schemas import Problem
from service.api.site import site
from service.errors import refuse

GUARDED = (articles, comments, decisions, events, policy, site)
DESCRIPTION = """A news site sends its readers' comments; Gavel scores them and publishes or flags each by its policy.

Every call under `/v1` carries the site's key: `Authorization: Bearer gvl_…`. Articles, comments and authors go by the
site's own ids. Every error has the shape of RFC 9457 (`application/problem+json`) and names the fields that are wrong.
"""


def openapi_options() -> dict[str, Any]:
    return {
        "info": Info(title="Gavel", version="1", description=DESCRIPTION),
        "security_schemes": {"siteKey": {"type": "http", "scheme": "bearer", "bearerFormat": "gvl_…"}},
        "validation_error_status": 422,
        "validation_error_model": Problem,
        "validation_error_callback": refuse,
        "doc_ui": False,
    }


def register(app: OpenAPI) -> None:
    for blueprint in GUARDED:
        app.register_api(blueprint)
    app.register_api(health)
    app.register_blueprint(document)


for _blueprint in GUARDED:
    auth.guard(_blueprint)
