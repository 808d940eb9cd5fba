"""Moves a second reader between off, shadow and on. It is switched on only after a trial that it passed, and after a
replay on the site's own decisions, by the rules and the model of now, which shows that it tells what people reject from
what they publish, and does no worse there than the reader that was on last."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.engine import Connection

from moderation.ground.database.engine import Database
from moderation.ground.errors import FieldProblem, InvalidInput, said
from moderation.pipeline.second_opinions import comparing, examining
from moderation.pipeline.second_opinions.figures import ReplayFigures
from moderation.pipeline.second_opinions.guarding import OTHER_WORDS
from moderation.sites import rows as sites
from moderation.sites.audit.actors import Actor
from moderation.sites.rules import rows as rule_books
from moderation.sites.second_readers import connecting
from moderation.sites.second_readers import rows as readers
from moderation.sites.second_readers.values import ReaderState, SecondReader
from moderation.spine.second_readings import replay_rows as replays
from moderation.spine.second_readings import rows as readings
from moderation.spine.second_readings import trial_rows as trials
from moderation.spine.second_readings.replay_rows import ReaderReplay
from moderation.spine.second_readings.values import Purpose

FEWEST = 50  # answers about decided comments
MOST_MISSING = 0.2  # of its answers


def move(db: Database, site_id: str, reader_id: str, to: ReaderState, *, by: Actor, now: datetime) -> SecondReader:
    """Raises NotFound, and InvalidInput with all that speaks against switching it on."""
    with db.write() as conn:
        sites.lock_site(conn, site_id)
        reader = readers.get(conn, site_id, reader_id)
        if reader.state is to:
            return reader
        why = _proven(conn, reader) if to is ReaderState.ON else None
        if connecting.move(conn, reader, to, by=by, now=now, why=why) and to is ReaderState.OFF:
            readings.forget_waiting(conn, reader_id)
        return readers.get(conn, site_id, reader_id)


def against(conn: Connection, reader: SecondReader) -> list[FieldProblem]:
    """All that keeps it from being switched on."""
    problems = examining.against(conn, reader)
    replay = replays.newest(conn, reader.id, Purpose.REPLAY)
    if replay is None or replay.result is None:
        problems.append(said("needs a replay on this site’s decisions that has ended"))
        return [FieldProblem("state", problem) for problem in problems]
    figures = ReplayFigures.from_json(replay.result)
    tried = trials.model_of(conn, reader.id)
    is_other = tried is not None and figures.model not in ("", tried)
    if replay.fingerprint != reader.fingerprint or is_other:
        problems.append(said("needs a replay with the model and the address of now"))
    if replay.digest != rule_books.read(conn, reader.site_id).digest:
        problems.append(OTHER_WORDS)
    if figures.answered < FEWEST:
        lacking = said(
            "needs answers about %(fewest)s decided comments, and has %(count)s", fewest=FEWEST, count=figures.answered
        )
        problems.append(lacking)
    if figures.absent is not None and figures.absent.share > MOST_MISSING:
        missing = round(figures.absent.share * 100)
        problems.append(said("needs answers: of a hundred, %(missing)s are missing", missing=missing))
    if not figures.tells_apart:
        problems.append(said("holds what people published about as often as what they rejected"))
    others = (other for other in readers.of_site(conn, reader.site_id) if other.id != reader.id)
    if any(other.state is ReaderState.ON for other in others):
        problems.append(said("is one of several, and another one is on"))
    if not problems:
        problems += _worse(conn, replay)
    return [FieldProblem("state", problem) for problem in problems]


def _worse(conn: Connection, replay: ReaderReplay) -> list[str]:
    """A lead who wants it all the same gives up the other reader, and connects this one anew if it is the same."""
    compared = comparing.with_the_last(conn, replay, rule_books.read(conn, replay.site_id))
    if compared is None or not compared.trial.worse:
        return []
    worse = said(
        "gets comments wrong that %(name)s, which was on before, got right: %(wronged)s newly wrong, "
        "%(righted)s newly right. Give that one up if you want it so",
        wronged=sum(len(outcome.wronged) for outcome in compared.trial.worse),
        righted=sum(len(outcome.righted) for outcome in compared.trial.worse),
        name=compared.name,
    )
    return [worse]


def _proven(conn: Connection, reader: SecondReader) -> dict[str, object]:
    """The trial and the replay that speak for it. Raises InvalidInput."""
    if problems := against(conn, reader):
        raise InvalidInput(*problems)
    replay = replays.newest(conn, reader.id, Purpose.REPLAY)
    assert replay is not None
    assert replay.result is not None
    figures = {name: replay.result[name] for name in ("rejected", "caught", "published", "mistaken", "cost")}
    trial = trials.newest(conn, reader.id)
    assert trial is not None
    words = rule_books.read(conn, reader.site_id).words_digest
    return {"trial": trial.id, "replay": replay.id, "words": words, **figures}
