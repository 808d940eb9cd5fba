"""Pages of a paper for people without an account, most of them behind signed links. No search engine and no cache keeps
them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Protocol, TypeVar
from urllib.parse import urlsplit

from flask import Response, redirect, render_template, request, url_for
from sqlalchemy.engine import Connection
from werkzeug.wrappers import Response as BaseResponse

from moderation.ground.errors import NotFound
from moderation.ground.wording.sentences import Sentences, spoken
from moderation.law.appeals import making, wording
from moderation.law.appeals.errors import AlreadyAppealed, AppealTooLate, DecisionOver, TooManyAppeals
from moderation.law.appeals.values import Appeal, AppealSource
from moderation.law.statements import links
from moderation.law.statements import rows as statements
from moderation.sites import rows as sites
from moderation.sites.rows import Site
from moderation.sites.rules import rows as rules
from service.api.front_page import POLICY
from service.api.words import preferred
from service.context import gavel, utc_now
from service.errors import kind_of
from service.web import webhook_notices

Receipt = TypeVar("Receipt")


class FormPage(Protocol):
    """Draws a statement's page again, with the author's words and why they are not taken."""

    def __call__(self, *, text: str, problem: str, status: int) -> Response: ...


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


def linked(
    token: str,
    site_of: Callable[[Connection, str], str | None],
    appeal_of: Callable[[Connection, str], Appeal | None],
    receipt_of: Callable[[Connection, str, str], Receipt],
) -> Receipt | None:
    """The statement behind a link; None if the link is forged or has expired. ``receipt_of`` takes the ids of the site
    and of the decision or measure, and may raise NotFound."""
    link, now = links.read(token), utc_now()
    if link is None:
        return None
    with gavel().database.read() as conn:
        site_id = site_of(conn, link.decision_id)
        secret = statements.secret_of(conn, site_id) if site_id else None
        if site_id is None or secret is None or not link.is_signed(secret):
            return None
        if now >= link.expires_at and not _outlives(conn, site_id, appeal_of(conn, link.decision_id), now):
            return None
        try:
            return receipt_of(conn, site_id, link.decision_id)
        except NotFound:
            return None


def take_appeal(token: str, words: Sentences, appealing: Callable[..., Appeal], page: FormPage) -> BaseResponse:
    """Takes the author's appeal from the form under a statement; ``appealing`` stores its text. Only somebody with the
    link reaches this, so it needs no other proof."""
    text = making.plain(request.form.get("text", ""))
    if (fault := making.fault_of(text)) is not None:
        said = words.say(f"appeal_{fault}", length=len(text))
        return page(text=text, problem=said, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    here = redirect(url_for("statement_page.show_statement", token=token), HTTPStatus.SEE_OTHER)
    try:
        site_id = appealing(text, source=AppealSource.PAGE, now=utc_now()).site_id
    except AlreadyAppealed:  # sent twice: the page says how the first one stands
        return here
    except (AppealTooLate, DecisionOver, TooManyAppeals) as e:
        return page(text=text, problem=wording.refusal(e, words), status=kind_of(e).status)
    webhook_notices.tell(site_id)
    return here


def gone() -> Response:
    """For a link that is forged or has expired, in the browser's language."""
    return _page("statement_gone.html", HTTPStatus.NOT_FOUND, words=spoken(preferred()))


def _outlives(conn: Connection, site_id: str, appeal: Appeal | None, now: datetime) -> bool:
    """Whether the link works beyond its time: the author waits for the outcome of an appeal, or has not had it for as
    long as they had to object."""
    if appeal is None or appeal.decided_at is None:
        return appeal is not None
    return now < appeal.decided_at + timedelta(days=sites.get_site(conn, site_id).settings.appeal_days)


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
