"""Pages of a paper for people without an account, most of them behind signed links. No search engine and no cache keeps
them."""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import urlsplit

from flask import Response, render_template, url_for

from moderation.ground.wording.sentences import Sentences, spoken
from moderation.sites.rows import Site
from moderation.sites.rules import rows as rules
from service.api.front_page import POLICY
from service.api.words import preferred
from service.context import gavel


def of_site(site: Site, words: Sentences, template: str, status: int = HTTPStatus.OK, **values: object) -> Response:
    """With the paper's name, colour and logo at the top, and its rules and contact points at the end."""
    logo = site.settings.paper_logo
    images = f"img-src 'self' {_origin(logo)}" if logo else "img-src 'self'"
    address = rules_address(site, words.language)
    return _page(template, status, images=images, site=site, words=words, rules_address=address, **values)


def rules_address(site: Site, language: str) -> str | None:
    """Of the paper's own page, or else of the one that its rule book makes."""
    if site.settings.rules_url:
        return site.settings.rules_url
    with gavel().database.read() as conn:
        has_rules = rules.has_rules(conn, site.id)
    return url_for("embed.show_rules", site=site.id, language=language) if has_rules else None


def gone() -> Response:
    """For a link that is forged or has expired, in the browser's language."""
    return _page("statement_gone.html", HTTPStatus.NOT_FOUND, words=spoken(preferred()))


def _page(template: str, status: int, *, images: str = "img-src 'self'", **values: object) -> Response:
    response = Response(render_template(template, **values), status=status, mimetype="text/html")
    policy = POLICY.replace("img-src 'self'", images)
    response.headers["Content-Security-Policy"] = f"{policy}; form-action 'self'"
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
