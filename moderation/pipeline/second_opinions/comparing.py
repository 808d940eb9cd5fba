"""Compares a second reader with the one that was on last, or with itself by the rules of then: on the comments that
both replays asked about and that people decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.engine import Connection

from moderation.ground.errors import NotFound
from moderation.insight.trials import rows as trials
from moderation.insight.trials.values import Trial, compare, trial_texts
from moderation.pipeline.second_opinions.replaying import MOST
from moderation.sites.rules.values import RuleBook
from moderation.sites.second_readers import rows as readers
from moderation.spine.second_readings import proofs
from moderation.spine.second_readings import replay_rows as replays
from moderation.spine.second_readings.replay_rows import ReaderReplay


@dataclass(frozen=True, slots=True)
class BesideTheLast:
    name: str  # of the reader that was on
    trial: Trial


def with_the_last(conn: Connection, replay: ReaderReplay, book: RuleBook) -> BesideTheLast | None:
    """None where no reader was on before, and where the one that was has been given up."""
    proof = proofs.newest_replay(conn, replay.site_id)
    if proof is None or proof.id == replay.id:
        return None
    try:
        name = readers.get(conn, replay.site_id, proof.reader_id).wish.name
    except NotFound:
        return None
    return BesideTheLast(name, _compared(conn, book, _holds(conn, proof), _holds(conn, replay)))


def _holds(conn: Connection, replay: ReaderReplay) -> dict[str, bool]:
    """By comment. A missing answer holds nothing."""
    return {reply.comment_id: bool(reply.answer.breaks) for reply in replays.answers(conn, replay.id)}


def _compared(conn: Connection, book: RuleBook, before: Mapping[str, bool], after: Mapping[str, bool]) -> Trial:
    """A case that was taken from one of the comments has its answers; nobody was asked about the others."""
    sources = {case.id: case.comment_id for rule in book.rules for case in rule.cases}
    asked = before.keys() & after.keys()
    texts = trial_texts(book, trials.decided(conn, book.site_id, limit=MOST))
    comments = {text.id: sources.get(text.id, text.id) for text in texts}
    own = [text for text in texts if comments[text.id] in asked]
    was, becomes = ({text.id: held[comments[text.id] or ""] for text in own} for held in (before, after))
    return compare(book, own, was, becomes)
