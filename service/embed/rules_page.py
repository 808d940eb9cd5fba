"""A site's house rules for readers: the name and the sentence of each, nothing that is for moderators."""

from __future__ import annotations

import uuid
from http import HTTPStatus

from flask import redirect, request
from werkzeug.wrappers import Response

from moderation.ground.errors import NotFound
from moderation.ground.wording.sentences import nearest
from moderation.sites import own_texts
from moderation.sites import rows as sites
from moderation.sites.rules import rows as rule_books
from service.api import linked_pages
from service.api.pages import kept
from service.api.words import preferred
from service.context import gavel

SECONDS = 60


def show(site_name: str) -> Response:
    """Leads to the paper's own page where it has one. A site without rules has no page."""
    try:
        site_id = str(uuid.UUID(site_name))
        with gavel().database.read() as conn:
            site = sites.get_site(conn, site_id)
            rules = rule_books.words(conn, site_id)
            words = own_texts.spoken(conn, site_id, nearest(request.args.get("language") or preferred()))
    except (ValueError, NotFound):
        return linked_pages.gone()
    if site.settings.rules_url:
        return redirect(site.settings.rules_url, HTTPStatus.FOUND)
    if not rules:
        return linked_pages.gone()
    response = linked_pages.of_site(site, words, "embed/rules.html", rules=rules)
    del response.headers["X-Robots-Tag"]
    response.headers["Cache-Control"] = f"public, max-age={SECONDS}, stale-while-revalidate={kept.STALE_SECONDS}"
    response.headers["Vary"] = "Accept-Language"
    response.add_etag(weak=True)
    response.make_conditional(request)
    return response
