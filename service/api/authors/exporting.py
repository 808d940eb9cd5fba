"""Writes everything that is kept about a reader as one JSON object, a page at a time: neither memory nor a transaction
grows with how much they wrote."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from sqlalchemy.engine import Connection

from moderation.ground.database.engine import Database
from moderation.ground.database.paging import pages
from moderation.ground.wording.sentences import Sentences
from moderation.law.appeals import rows as appeals
from moderation.law.appeals.values import Appeal
from moderation.law.notices import rows as notices
from moderation.law.notices.values import LegalNotice
from moderation.law.statements import announcing
from moderation.moderators.authors import data_rows as author_data
from moderation.moderators.authors import measure_rows as author_measures
from moderation.moderators.authors.data_rows import Record
from moderation.moderators.finding import list_rows as lists
from moderation.moderators.finding.list_rows import CommentsWanted, ListOrder
from moderation.sites import own_texts
from moderation.spine.comments import fact_rows as facts
from moderation.spine.comments.rows import Listed
from service.api import views
from service.api.schemas import author_schemas, signal_schemas

PAGE = 100


def export(db: Database, site_id: str, external_id: str, record: Record | None, *, now: datetime) -> Iterator[str]:
    """The parts of an ``AuthorExport``. An interrupted one is no JSON, so that nobody takes it for whole."""
    author = views.author_record(record, now).model_dump_json() if record else "null"
    announcing.ensure_secret(db, site_id)
    yield f'{{"exported_at": "{now.isoformat()}", "author": {author}, "comments": ['
    yield from _joined(_comments(db, site_id, record.author.id) if record else ())
    yield '], "reports_made": ['
    yield from _joined(_reports(db, site_id, external_id))
    yield '], "measures": ['
    yield from _joined(_measures(db, record.author.id) if record else ())
    yield '], "appeals": ['
    yield from _joined(_appeals(db, site_id, record.author.id) if record else ())
    yield '], "notices_given": ['
    yield from _joined(_notices(db, site_id, external_id))
    yield "]}\n"


def _joined(parts: Iterable[str]) -> Iterator[str]:
    before = "\n"
    for part in parts:
        yield before + part
        before = ",\n"


def _comments(db: Database, site_id: str, author_id: str) -> Iterator[str]:
    wanted = CommentsWanted(site_id, author_id=author_id)

    def read(conn: Connection, after: str | None) -> list[tuple[Listed, author_schemas.ExportedComment]]:
        page = lists.page(conn, wanted, ListOrder.OLDEST, after=after, limit=PAGE)
        return list(zip(page, _whole(conn, page), strict=True))

    for page in pages(db, read, lambda row: lists.cursor_of(row[0], ListOrder.OLDEST), size=PAGE):
        yield from (comment.model_dump_json() for _, comment in page)


def _whole(conn: Connection, page: Sequence[Listed]) -> list[author_schemas.ExportedComment]:
    ids = [listed.comment.id for listed in page]
    texts, scores = author_data.earlier_texts(conn, ids), author_data.scores(conn, ids)
    arrivals = facts.facts_of(conn, ids)
    opinions = author_data.opinions_on(conn, ids)
    decisions, reports = author_data.decisions_on(conn, ids), author_data.reports_on(conn, ids)
    return [
        author_schemas.ExportedComment(
            **views.listed_comment(listed).model_dump(),
            address_digest=arrivals.get(id, facts.UNKNOWN).address,
            website=arrivals.get(id, facts.UNKNOWN).website,
            typed_s=arrivals.get(id, facts.UNKNOWN).typed_s,
            earlier_texts=[
                author_schemas.EarlierText(text=t.text, replaced_at=t.replaced_at) for t in texts.get(id, ())
            ],
            scores=[_scores(scored) for scored in scores.get(id, ())],
            second_opinions=[_opinion(opinion) for opinion in opinions.get(id, ())],
            decisions=[views.decision(decision) for decision in decisions.get(id, ())],
            reports=[
                author_schemas.ReportHad(reason=r.reason, note=r.note, created_at=r.created_at)
                for r in reports.get(id, ())
            ],
        )
        for listed, id in zip(page, ids, strict=True)
    ]


def _scores(scores: author_data.Scores) -> author_schemas.Scores:
    return author_schemas.Scores(
        version=scores.version,
        signals=[signal_schemas.Signal(**signal) for signal in scores.signals],
        models=dict(scores.models),
        language=scores.language,
        scored_at=scores.created_at,
    )


def _opinion(opinion: author_data.OpinionHad) -> author_schemas.SecondOpinion:
    return author_schemas.SecondOpinion(
        version=opinion.version,
        model=opinion.model,
        host=opinion.host,
        breaks=opinion.breaks,
        rule=opinion.rule,
        quote=opinion.quote,
        read_at=opinion.read_at,
    )


def _measures(db: Database, author_id: str) -> Iterator[str]:
    def read(conn: Connection, before: str | None) -> list[tuple[str, str]]:
        page = author_measures.history(conn, author_id, before=before, limit=PAGE)
        return [(taken.id, views.measure(conn, taken).model_dump_json()) for taken in page]

    for page in pages(db, read, lambda row: row[0], size=PAGE):
        yield from (measure for _, measure in page)


def _appeals(db: Database, site_id: str, author_id: str) -> Iterator[str]:
    def read(conn: Connection, after: str | None) -> list[tuple[str, str]]:
        speaker = own_texts.speaker(conn, site_id)
        page = appeals.of_author(conn, author_id, after=after, limit=PAGE)
        return [(appeal.id, _appeal(comment_id, appeal, speaker(appeal.language))) for comment_id, appeal in page]

    for page in pages(db, read, lambda row: row[0], size=PAGE):
        yield from (appeal for _, appeal in page)


def _appeal(comment_id: str | None, appeal: Appeal, words: Sentences) -> str:
    shown = views.appeal(appeal, comment_id, words).model_dump()
    return author_schemas.AppealMade(**shown, text=appeal.text).model_dump_json()


def _notices(db: Database, site_id: str, external_id: str) -> Iterator[str]:
    def read(conn: Connection, after: str | None) -> list[tuple[str, LegalNotice]]:
        return notices.of_reader(conn, site_id, external_id, after=after, limit=PAGE)

    for page in pages(db, read, lambda row: row[1].id, size=PAGE):
        yield from (_notice(comment_id, given).model_dump_json() for comment_id, given in page)


def _notice(comment_id: str, given: LegalNotice) -> author_schemas.NoticeGiven:
    return author_schemas.NoticeGiven(
        id=given.id,
        comment_id=comment_id,
        explanation=given.explanation,
        category=given.category,
        language=given.language,
        name=given.name,
        email=given.email,
        received_at=given.received_at,
        status=given.status,
        decided_at=given.decided_at,
        answer=given.answer,
    )


def _reports(db: Database, site_id: str, external_id: str) -> Iterator[str]:
    def read(conn: Connection, after: str | None) -> list[author_data.ReportMade]:
        return author_data.reports_by(conn, site_id, external_id, after=after, limit=PAGE)

    for page in pages(db, read, lambda report: report.comment_id, size=PAGE):
        for report in page:
            shown = author_schemas.ReportMade(
                comment_id=report.comment_external_id,
                reason=report.reason,
                note=report.note,
                created_at=report.created_at,
            )
            yield shown.model_dump_json()
