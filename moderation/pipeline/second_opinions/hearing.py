"""Lets publishing wait for a second reader, where a site says so: the comment stays as it is until the answer comes or
the time is up, and then the policy decides. The reader can only turn its verdict to a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.engine import Connection

from moderation.ground.values.statuses import Action
from moderation.ground.values.verdicts import Verdict
from moderation.pipeline.second_opinions.acting import reason
from moderation.pipeline.second_opinions.asking import waited_for
from moderation.sites import rows as sites
from moderation.sites.rules import rows as rule_books
from moderation.sites.second_readers import rows as readers
from moderation.sites.second_readers.values import ReaderState, SecondReader
from moderation.sites.settings.values import SiteSettings
from moderation.spine.comments.moves import Judgement
from moderation.spine.second_readings import rows as store
from moderation.spine.second_readings.rows import NewReading, ReadVersion
from moderation.spine.second_readings.values import ReadingState


def heard(conn: Connection, judgements: Sequence[Judgement], *, now: datetime) -> list[Judgement]:
    """Those that may be decided now, with what readers that are on have said. The others wait, and are asked about. For
    a reader that rests nobody waits."""
    reading = {
        site_id: [
            reader
            for reader in readers.reading(conn, site_id)
            if reader.state is ReaderState.ON and not reader.rests(now)
        ]
        for site_id in {judgement.scored.comment.site_id for judgement in judgements}
    }
    if not any(reading.values()):
        return list(judgements)
    settings = {site_id: sites.get_site(conn, site_id).settings for site_id, on in reading.items() if on}
    known = store.of_versions(conn, [judgement.scored.comment.id for judgement in judgements])
    allowed = (_heard(conn, judgement, settings, reading, known, now) for judgement in judgements)
    return [judgement for judgement in allowed if judgement is not None]


def _heard(
    conn: Connection,
    judgement: Judgement,
    settings: dict[str, SiteSettings],
    reading: dict[str, list[SecondReader]],
    known: dict[tuple[str, int], list[ReadVersion]],
    now: datetime,
) -> Judgement | None:
    comment = judgement.scored.comment
    waits = waited_for(settings[comment.site_id], judgement, now) if comment.site_id in settings else None
    if waits is None:
        return judgement
    purpose, until = waits
    read = known.get((comment.id, comment.version))
    if read is None:
        asked = [
            NewReading(comment.site_id, reader.id, comment.id, comment.version, purpose, decide_by=until)
            for reader in reading[comment.site_id]
        ]
        store.insert(conn, asked, now=now)
        return None
    if any(_is_awaited(version, now) for version in read):
        return None
    against = next((version for version in read if version.counted and version.breaks), None)
    return judgement if against is None else _held(conn, judgement, against)


def _is_awaited(version: ReadVersion, now: datetime) -> bool:
    return version.state is ReadingState.WAITING and version.decide_by is not None and version.decide_by > now


def _held(conn: Connection, judgement: Judgement, read: ReadVersion) -> Judgement:
    comment = judgement.scored.comment
    book = rule_books.read(conn, comment.site_id)
    why = reason(comment.text, read.rule, read.quote, book)
    return replace(judgement, verdict=Verdict(Action.FLAG, (why, *judgement.verdict.reasons)))
