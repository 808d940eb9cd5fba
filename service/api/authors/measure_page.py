"""The page of the statement for a suspension or a ban, behind the same signed links as those about comments, with the
form for an appeal."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from http import HTTPStatus

from flask import Response
from sqlalchemy.engine import Connection
from werkzeug.wrappers import Response as BaseResponse

from moderation.ground.wording.sentences import Sentences
from moderation.law.appeals import rows as appeals
from moderation.law.appeals import wording
from moderation.law.appeals.values import MAX_CHARS, MeasureAppeal
from moderation.law.measure_appeals import making as measure_making
from moderation.law.statements import measure_rows as measures
from moderation.law.statements import measure_statements
from moderation.law.statements.measure_statements import MeasureStatement
from moderation.sites import own_texts
from moderation.sites import rows as sites
from moderation.sites.rows import Site
from service.api import linked_pages
from service.context import gavel, utc_now


@dataclass(frozen=True, slots=True)
class MeasureWithAppeal:
    """The statement for a measure with the appeal against it."""

    site: Site
    statement: MeasureStatement
    words: Sentences  # the site's, in the statement's language
    appeal: MeasureAppeal | None
    may_appeal: bool
    is_alone: bool  # nobody but the person who took the measure could decide an appeal


def show(token: str) -> Response:
    """A link that is forged or has expired shows nothing but that."""
    receipt = _linked(token)
    return linked_pages.gone() if receipt is None else _page(token, receipt)


def appeal(token: str) -> BaseResponse:
    """Takes the author's appeal. Only somebody with the link reaches this, so it needs no other proof."""
    receipt = _linked(token)
    if receipt is None:
        return linked_pages.gone()
    about = receipt.statement.about
    appealing = partial(measure_making.appeal, gavel().database, about.site_id, about.id)
    return linked_pages.take_appeal(token, receipt.words, appealing, partial(_page, token, receipt))


def _linked(token: str) -> MeasureWithAppeal | None:
    return linked_pages.linked(token, measures.site_of, appeals.of_measure, _receipt)


def _receipt(conn: Connection, site_id: str, measure_id: str) -> MeasureWithAppeal:
    """Raises NotFound."""
    site, about = sites.get_site(conn, site_id), measures.get(conn, site_id, measure_id)
    is_alone, speaker, now = measure_making.is_alone(conn, about), own_texts.speaker(conn, site_id), utc_now()
    statement = measure_statements.statement(about, site.settings, is_alone=is_alone, speaker=speaker)
    words, appeal = speaker(statement.language), appeals.of_measure(conn, measure_id)
    may = measure_making.may_appeal(conn, statement, site.settings, now=now)
    if appeal is not None or not about.may_be_appealed or now >= statement.object_until:
        is_read = appeal is not None and appeal.decided_at is None and not is_alone
        statement = measure_statements.without_appeal(statement, site.settings, words, awaits_another=is_read)
    return MeasureWithAppeal(site, statement, words, appeal, may, is_alone)


def _page(
    token: str, receipt: MeasureWithAppeal, *, text: str = "", problem: str = "", status: int = HTTPStatus.OK
) -> Response:
    appeal = receipt.appeal
    return linked_pages.of_site(
        receipt.site,
        receipt.words,
        "measure_statement.html",
        status,
        token=token,
        statement=receipt.statement,
        said=wording.said(appeal, receipt.words) if appeal else None,
        may_appeal=receipt.may_appeal,
        is_alone=receipt.is_alone,
        text=text,
        problem=problem,
        most=MAX_CHARS,
    )
