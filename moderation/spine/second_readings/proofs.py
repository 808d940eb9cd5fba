"""The proof by which a second reader was switched on: its replay, and the words of the rules that the replay asked by.
The audit trail has both."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.engine import Connection

from moderation.ground.errors import NotFound
from moderation.sites.audit import rows as audit
from moderation.sites.audit.rows import EntryFilter
from moderation.sites.rules.values import RuleBook
from moderation.sites.second_readers.values import ReaderState
from moderation.spine.second_readings import replay_rows as replays
from moderation.spine.second_readings.replay_rows import ReaderReplay

MOVES = EntryFilter(actions=("second_reader.moved",))
MOST_MOVES = 200


@dataclass(frozen=True, slots=True)
class Proof:
    replay_id: str
    words: str  # RuleBook.words_digest


def newest(conn: Connection, site_id: str) -> Proof | None:
    """Of the reader that was switched on last. No two are on at once."""
    moves = audit.entries(conn, site_id, before=None, limit=MOST_MOVES, choice=MOVES)
    entries = (move.after or {} for move in moves)
    proven = (entry for entry in entries if entry.get("state") == ReaderState.ON and entry.get("replay") is not None)
    return next((Proof(entry["replay"], entry.get("words", "")) for entry in proven), None)


def newest_replay(conn: Connection, site_id: str) -> ReaderReplay | None:
    proof = newest(conn, site_id)
    try:
        return None if proof is None else replays.get(conn, site_id, proof.replay_id)
    except NotFound:
        return None


def is_by(conn: Connection, book: RuleBook) -> bool:
    """Whether the reader that is on was tried by the words of ``book``. True where none was ever switched on."""
    proof = newest(conn, book.site_id)
    return proof is None or proof.words == book.words_digest
