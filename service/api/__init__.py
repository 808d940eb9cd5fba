"""The HTTP API: one module per noun. Every call needs a key with the scope that it declares."""

from __future__ import annotations

from typing import Any

from flask_openapi3.models.info import Info
from flask_openapi3.openapi import OpenAPI

from service import auth
from service.api import refusals
from service.api.appeals import appeals
from service.api.articles import articles
from service.api.authors.calls import authors
from service.api.authors.measure_appeals import measure_appeals
from service.api.authors.measures import author_measures
from service.api.comments.calls import comments
from service.api.comments.campaigns import campaigns
from service.api.comments.checks import checks
from service.api.comments.decisions import decisions
from service.api.document import document
from service.api.events import events
from service.api.front_page import front_page
from service.api.health import health
from service.api.notices.calls import notice_page, notices
from service.api.pages import admission as page_admission
from service.api.pages.calls import pages
from service.api.pages.site_calls import site_pages
from service.api.pages.site_texts import site_texts
from service.api.readers import admission
from service.api.readers.calls import reader
from service.api.readers.moderating import moderated
from service.api.readers.redress import redress
from service.api.responses import KEY_SCHEME, READER_SCHEME
from service.api.schemas.problem_schemas import Problem
from service.api.sites.alerts import site_alerts
from service.api.sites.duties import site_duties
from service.api.sites.modes import site_modes
from service.api.sites.policy import policy
from service.api.sites.reasons import site_reasons
from service.api.sites.retention import site_retention
from service.api.sites.second_readers import site_second_readers
from service.api.sites.setting_calls import setting_calls
from service.api.sites.site import site
from service.api.statements import statement_page, statements
from service.errors import refuse

GUARDED = (
    *(appeals, articles, author_measures, authors, campaigns, checks, comments, decisions, events, measure_appeals),
    *(notices, policy, setting_calls, site, site_alerts, site_duties, site_modes, site_reasons, site_retention),
    *(site_second_readers, site_texts, statements),
)
DESCRIPTION = """A news site sends its readers' comments. Gavel scores each one and publishes or flags it by the policy.

Every call under `/v1` needs the site's key: `Authorization: Bearer gvl_…`. A key has scopes, and each call names the
one that it needs. Articles, comments and authors are identified by the site's own ids. Every error has the shape of
RFC 9457 (`application/problem+json`) and names the fields that are wrong.
"""


def openapi_options() -> dict[str, Any]:
    """The options of the application's class that concern the OpenAPI document."""
    return {
        "info": Info(title="Gavel", version="1", description=DESCRIPTION),
        "security_schemes": {
            KEY_SCHEME: {"type": "http", "scheme": "bearer", "bearerFormat": "gvl_…"},
            READER_SCHEME: {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
        },
        "validation_error_status": 422,
        "validation_error_model": Problem,
        "validation_error_callback": refuse,
        "doc_ui": False,
    }


def register(app: OpenAPI) -> None:
    """Adds all calls, the document that describes them, and the page at ``/``."""
    for blueprint in (*GUARDED, pages, site_pages, reader, moderated, redress):
        app.register_api(blueprint)
    app.register_api(health)
    app.register_blueprint(document)
    app.register_blueprint(front_page)
    app.register_blueprint(statement_page)
    app.register_blueprint(notice_page)


for _blueprint in GUARDED:
    auth.guard(_blueprint)
refusals.register(comments)
admission.guard(reader)
admission.guard(moderated)
admission.guard(redress)
page_admission.guard(pages)
page_admission.guard(site_pages)
