"""The form by which a visitor gives notice of illegal content, without an account and without a script."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import cast
from urllib.parse import unquote

from babel import Locale
from cachetools import TTLCache
from flask import Flask, Response, current_app, redirect, request
from pydantic import ValidationError
from sqlalchemy.engine import Connection
from werkzeug.wrappers import Response as BaseResponse

from moderation.ground.database.engine import new_id
from moderation.ground.environment.network import subscriber
from moderation.ground.errors import (
    InvalidInput,
    MoveNotAllowed,
    NotFound,
    NotifierSuspended,
    RateLimited,
    TooManyNotices,
)
from moderation.ground.wording.sentences import LANGUAGES, Sentences, nearest
from moderation.law.notices import rows as notices
from moderation.law.notices.values import MAX_EMAIL_CHARS, MAX_EXPLANATION_CHARS, MAX_NAME_CHARS, NewNotice
from moderation.pipeline.arriving import by_visitor
from moderation.sites import own_texts
from moderation.sites import rows as sites
from moderation.sites.rows import Site
from moderation.sites.settings.eu_terms import CATEGORIES, CATEGORY, NOT_SPECIFIED
from moderation.spine.comments.rows import Listed
from service.api import linked_pages
from service.api.notices.bodies import GivenNotice
from service.api.pages import admission
from service.api.pages.admission import PageSites
from service.api.words import preferred
from service.auth import Clock, RequestPace, RequestWindow
from service.context import gavel, utc_now
from service.web import cross_origin, webhook_notices

EXTENSION = "gavel.notice_form"
HOUR_S = 3600.0
BY_ADDRESS, AT_SITE = 10, 200
"""Notices by this form within an hour, in each web process."""

MOST_ADDRESSES = 100_000  # counted at once; beyond that the one who has waited longest is forgotten
MAX_FORM_BYTES = 64 * 1024
MAX_PLACE_CHARS = 2_000
FIELDS = ("comment", "explanation", "category", "child_sexual_abuse", "name", "email", "good_faith")
"""In the order of the page, in which it names their problems."""
_PREFIXES = re.compile(r"^(gavel-|comment-|c-)")
_EMPTY: Mapping[str, str] = dict.fromkeys(FIELDS, "")


@dataclass(frozen=True, slots=True)
class FormPace:
    by_address: RequestPace
    at_site: RequestPace

    def count(self, site_id: str, address: str) -> None:
        """Raises RateLimited. Addresses stay in the process's memory, and nowhere else."""
        self.by_address.count(f"{site_id} {subscriber(address)}")
        self.at_site.count(site_id)


@dataclass(frozen=True, slots=True)
class NoticeForm:
    """A form on its way: at which site, in which language, and with what typed into it."""

    site: Site
    words: Sentences  # the site's
    id: str  # of the notice that it becomes, so that it is safe to send it again
    typed: Mapping[str, str]
    listed: Listed | None  # the comment that it is about, if readers see it
    was_sent: bool = False  # and became a notice, which may have taken the comment offline


def register(app: Flask, per_minute_of_keys: int, clock: Clock = time.monotonic) -> None:
    """An installation that does not limit keys does not limit visitors either."""
    addresses: TTLCache[str, RequestWindow] = TTLCache(MOST_ADDRESSES, 2 * HOUR_S, timer=clock)
    by_address, at_site = (BY_ADDRESS, AT_SITE) if per_minute_of_keys else (0, 0)
    app.extensions[EXTENSION] = FormPace(
        RequestPace(by_address, clock, whose="address", windows=addresses, window_s=HOUR_S),
        RequestPace(at_site, clock, whose="site", window_s=HOUR_S),
    )


def show(site_name: str) -> Response:
    """About the comment that the address names, or else with a field for its place."""
    site_id = _site_id(site_name)
    if site_id is None:
        return linked_pages.gone()
    asked = {name: request.args.get(name, "") for name in ("comment", "language")}
    return _page(_form(site_id, asked, new_id()))


def take(site_name: str) -> BaseResponse:
    """Keeps the notice and leads to its receipt, or shows the form again with what is wrong in it."""
    cross_origin.refuse_foreign(request, gavel().settings.public_url)
    request.max_content_length = MAX_FORM_BYTES
    site_id = _site_id(site_name)
    if site_id is None:
        return linked_pages.gone()
    form = _form(site_id, request.form, _sent_id() or new_id())
    given, problems = _checked(form)
    if given is None or problems:
        return _page(form, problems, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    comment_id = form.listed.comment.external_id if form.listed else form.typed["comment"]
    return _kept(form, given.new(comment_id, reader_id=None, id=form.id))


def places_in(typed: str) -> Iterator[str]:
    """The ids of comments that somebody may mean who copies a comment's address or types its number: the text itself,
    or what follows the ``#`` of an address, without the beginnings that pages put before it."""
    text = typed.strip()[:MAX_PLACE_CHARS]
    _address, sharp, fragment = text.partition("#")
    for candidate in (text, unquote(fragment) if sharp else text):
        yield candidate
        yield _PREFIXES.sub("", candidate)


def _kept(form: NoticeForm, new: NewNotice) -> BaseResponse:
    pace = cast(FormPace, current_app.extensions[EXTENSION])
    try:
        pace.count(form.site.id, request.remote_addr or "")
        given = by_visitor.give_notice(gavel().database, form.site.id, new, now=utc_now())
    except (NotFound, MoveNotAllowed):  # it went offline while the form was filled in
        return _page(form, {"comment": form.words["notice_form_problem_comment"]}, status=HTTPStatus.CONFLICT)
    except InvalidInput:  # this form was sent already, and says something else now
        return _kept(replace(form, id=new_id()), replace(new, id=new_id()))
    except TooManyNotices:
        return _page(form, whole=form.words["problem_too_many_notices"], status=HTTPStatus.TOO_MANY_REQUESTS)
    except RateLimited as e:
        answer = _page(form, whole=form.words["notice_form_problem_pace"], status=HTTPStatus.TOO_MANY_REQUESTS)
        answer.headers["Retry-After"] = str(e.retry_after_s)
        return answer
    except NotifierSuspended:
        return _page(form, whole=form.words["problem_notifier_suspended"], status=HTTPStatus.FORBIDDEN)
    webhook_notices.tell(form.site.id)
    return redirect(given.path, HTTPStatus.SEE_OTHER)


def _checked(form: NoticeForm) -> tuple[GivenNotice | None, dict[str, str]]:
    """The notice as the API takes one, and by field what is wrong with it, in the visitor's language."""
    typed, wrong = form.typed, set[str]()
    if form.listed is None and not form.was_sent:
        wrong.add("comment")
    given: GivenNotice | None = None
    try:
        given = GivenNotice.model_validate(
            {
                "explanation": typed["explanation"],
                "good_faith": bool(typed["good_faith"]),
                "child_sexual_abuse": bool(typed["child_sexual_abuse"]),
                "name": typed["name"] or None,
                "email": typed["email"] or None,
                "category": typed["category"] or NOT_SPECIFIED,
                "language": form.words.language,
            }
        )
    except ValidationError as e:
        wrong |= {str(error["loc"][0]) for error in e.errors()}
    return given, {name: form.words[f"notice_form_problem_{name}"] for name in FIELDS if name in wrong}


def _form(site_id: str, sent: Mapping[str, str], id: str) -> NoticeForm:
    typed = {name: _plain(sent.get(name, "")) for name in _EMPTY}
    language = nearest(sent.get("language") or preferred())
    with gavel().database.read() as conn:
        site = sites.get_site(conn, site_id)
        listed = _shown(conn, site_id, typed["comment"])
        was_sent = notices.find(conn, id) is not None
        return NoticeForm(site, own_texts.spoken(conn, site_id, language), id, typed, listed, was_sent)


def _shown(conn: Connection, site_id: str, typed: str) -> Listed | None:
    for comment_id in dict.fromkeys(places_in(typed)):
        try:
            return by_visitor.shown(conn, site_id, comment_id)
        except NotFound:
            continue
    return None


def _page(
    form: NoticeForm, problems: Mapping[str, str] | None = None, *, whole: str = "", status: int = HTTPStatus.OK
) -> Response:
    """``whole`` is a problem of no field."""
    response = linked_pages.of_site(
        form.site,
        form.words,
        "embed/notice_form.html",
        status,
        form=form,
        problems=problems or {},
        whole=whole,
        languages={code: _own_name(code) for code in LANGUAGES},
        categories=_categories(form.words),
        most={"explanation": MAX_EXPLANATION_CHARS, "name": MAX_NAME_CHARS, "email": MAX_EMAIL_CHARS},
    )
    response.headers["Referrer-Policy"] = "same-origin"  # under no-referrer, browsers send "Origin: null" with a form
    return response


def _categories(words: Sentences) -> dict[str, str]:
    """Those that have words."""
    named = {value: f"statement_category_{value.removeprefix(CATEGORY).lower()}" for value in CATEGORIES}
    texts = {value: words[id] for value, id in named.items() if id in words.texts}
    return {value: text[:1].upper() + text[1:] for value, text in texts.items()}


def _own_name(language: str) -> str:
    return str(Locale.parse(language).get_display_name(language)).capitalize()


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def _site_id(name: str) -> str | None:
    """None for a site that has named no origin of its pages."""
    known = cast(PageSites, current_app.extensions[admission.EXTENSION])
    try:
        return known.get(name).id
    except NotFound:
        return None


def _sent_id() -> str | None:
    try:
        return str(uuid.UUID(request.form.get("id", "")))
    except ValueError:
        return None
