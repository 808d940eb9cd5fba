"""Notices of illegal content (Regulation (EU) 2022/2065, Article 16): by a site's key, or by a trusted flagger's; and
the page behind a signed link, for whoever gave one."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from moderation.law.notices import giving, letters
from moderation.law.notices import rows as store
from moderation.law.notices.letters import Letter
from moderation.law.notices.values import LegalNotice
from moderation.law.statements import links
from moderation.law.statements import rows as secrets
from moderation.law.statements.links import LinkedPage
from moderation.sites import own_texts
from moderation.sites import rows as sites
from moderation.sites.keys import Scope
from service.api import linked_pages, responses, views
from service.api.fields import Strict
from service.api.notices import bodies
from service.auth import caller, current_key, needs, open_to_all
from service.context import gavel, utc_now
from service.web import webhook_notices

notices = APIBlueprint("notices", __name__, url_prefix="/v1", abp_tags=[Tag(name="Notices")])
notice_page = Blueprint("notice_page", __name__)


class NoticePath(Strict):
    id: UUID


@notices.post(
    "/notices",
    operation_id="giveNotice",
    responses={
        200: bodies.NoticeReceipt,
        201: bodies.NoticeReceipt,
        **responses.problems(400, 404, 409, 413, 415, 422),
    },
)
@needs(Scope.POST, instead=Scope.TRUSTED_FLAGGER)
def give_notice(body: bodies.NoticeByKey) -> Response:
    """Give notice that a comment is illegal

    The comment goes to a person before all others, and stays online meanwhile unless the site's settings say
    otherwise. No policy decides it. Notices with a key of the scope `trusted-flagger` come first. 201 with the receipt;
    200 for the same `id` again, and for the notifier's earlier notice of the same text.
    """
    key = current_key()
    flagger = key.name if Scope.TRUSTED_FLAGGER in key.scopes else None
    new = body.new(body.comment_id, reader_id=body.reader_id, id=str(body.id) if body.id else None, flagger=flagger)
    given = giving.give(gavel().database, key.site_id, new, by=caller(), now=utc_now())
    webhook_notices.tell(key.site_id)
    return views.reply(receipt(given.notice, given.path), 201 if given.is_new else 200)


@notices.get(
    "/notices/<id>",
    operation_id="getNotice",
    responses={200: bodies.Notice, **responses.problems(404, 422)},
)
@needs(Scope.MODERATE)
def get_notice(path: NoticePath) -> Response:
    """Read a notice, with its contact and its answer

    It stays readable after the decision for as long as the site keeps notices.
    """
    with gavel().database.write() as conn:  # a site without a secret gets one with its first link
        notice = store.get(conn, current_key().site_id, str(path.id))
        written, page = letters.letter(conn, notice), letters.path(conn, notice)
    return views.reply(_shown(written, page))


@notice_page.get("/notices/<token>")
@open_to_all
def show_notice(token: str) -> Response:
    """The letter to whoever gave the notice. A link that is forged or has expired shows nothing but that."""
    letter = _linked(token)
    if letter is None:
        return linked_pages.gone()
    with gavel().database.read() as conn:
        site = sites.get_site(conn, letter.notice.site_id)
        words = own_texts.spoken(conn, site.id, letter.language)
    return linked_pages.of_site(site, words, "notice.html", letter=letter)


def receipt(notice: LegalNotice, page: str) -> bodies.NoticeReceipt:
    """The receipt for whoever gave the notice just now."""
    with gavel().database.read() as conn:
        comment_id = store.about(conn, notice.comment_id).comment_id
    return bodies.NoticeReceipt(
        id=notice.id,
        comment_id=comment_id,
        status=notice.status,
        received_at=notice.received_at,
        trusted_flagger=notice.is_trusted,
        path=page,
        link_until=notice.link_until,
    )


def _linked(token: str) -> Letter | None:
    link = links.read(token, page=LinkedPage.NOTICES)
    if link is None:
        return None
    with gavel().database.read() as conn:
        notice = store.find(conn, link.decision_id)
        secret = secrets.secret_of(conn, notice.site_id) if notice else None
        if notice is None or secret is None or not link.is_genuine(secret, utc_now()):
            return None
        return letters.letter(conn, notice)


def _shown(written: Letter, page: str) -> bodies.Notice:
    notice = written.notice
    return bodies.Notice(
        id=notice.id,
        comment_id=written.about.comment_id,
        status=notice.status,
        received_at=notice.received_at,
        trusted_flagger=notice.is_trusted,
        path=page,
        link_until=notice.link_until,
        explanation=notice.explanation,
        category=notice.category,
        language=notice.language,
        name=notice.name,
        email=notice.email,
        reader_id=notice.reader_id,
        decided_at=notice.decided_at,
        decision_id=notice.decision_id,
        title=written.title,
        paragraphs=list(written.paragraphs),
    )
