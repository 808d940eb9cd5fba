"""Puts a second reader back into the shadow where people agree with it too seldom, by more than chance, where no trial
was passed with the prompt of now, and where the rules' words are no longer those of its replay."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.engine import Connection

from moderation.ground.database.engine import Database
from moderation.ground.errors import said
from moderation.pipeline.second_opinions import examining, figures
from moderation.sites import rows as sites
from moderation.sites.audit import actors
from moderation.sites.rules import rows as rule_books
from moderation.sites.second_readers import connecting
from moderation.sites.second_readers import rows as readers
from moderation.sites.second_readers.values import ReaderState, SecondReader
from moderation.spine.second_readings import agreement_rows as agreements
from moderation.spine.second_readings import proofs

WINDOW = timedelta(days=30)
FEWEST = 50
OTHER_WORDS = said("needs a replay by the rules as they are now")


@dataclass(frozen=True, slots=True)
class ReaderPutBack:
    site_id: str
    name: str
    why: Mapping[str, Any]


def guard(db: Database, *, now: datetime) -> list[ReaderPutBack]:
    """Looks at every second reader that is on."""
    with db.read() as conn:
        on = [reader for reader in readers.every(conn) if reader.state is ReaderState.ON]
    put_back = []
    for reader in on:
        with db.read() as conn:
            why = _against(conn, reader, now)
        if why is None:
            continue
        with db.write() as conn:
            if connecting.move(conn, reader, ReaderState.SHADOW, by=actors.SYSTEM, now=now, why=why):
                put_back.append(ReaderPutBack(reader.site_id, reader.wish.name, why))
    return put_back


def _against(conn: Connection, reader: SecondReader, now: datetime) -> dict[str, Any] | None:
    if problems := examining.against(conn, reader):
        return {"trial": problems}
    if not proofs.is_by(conn, rule_books.read(conn, reader.site_id)):
        return {"replay": [OTHER_WORDS]}
    least = sites.get_site(conn, reader.site_id).settings.second_reader_agreement
    since = max(reader.state_since, now - WINDOW)
    reviewed = agreements.reviewed(conn, reader.site_id, reader.id, since=since)
    share = figures.agreement(read for read in reviewed if read.counted)
    if share is None or share.count < FEWEST or share.high >= least:
        return None
    shares = {"agreement": share.share, "low": share.low, "high": share.high}
    return {**{name: round(value, 4) for name, value in shares.items()}, "decisions": share.count, "least": least}
