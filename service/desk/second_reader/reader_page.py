"""The page of one second reader: its state, what it said when it was tried, and how people agree with it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from flask import Response, render_template
from sqlalchemy.engine import Connection
from werkzeug.wrappers import Response as BaseResponse

from moderation.ground.errors import FieldProblem
from moderation.pipeline.second_opinions import examining, figures, replaying, switching
from moderation.pipeline.second_opinions.acting import named
from moderation.pipeline.second_opinions.figures import ReplayFigures
from moderation.sites import rows as sites
from moderation.sites.rules import rows as rule_books
from moderation.sites.second_readers import rows as readers
from moderation.sites.second_readers.values import ReaderState, SecondReader
from moderation.spine.second_readings import agreement_rows as agreements
from moderation.spine.second_readings import replay_rows as replays
from moderation.spine.second_readings import trial_rows as trials
from moderation.spine.second_readings.replay_rows import ReaderReplay
from moderation.spine.second_readings.values import Purpose
from service.context import gavel, utc_now
from service.desk.frame.refusals import translated
from service.desk.frame.rendering import page
from service.desk.second_reader import wording

WINDOW = timedelta(days=56)


def page_of(site_id: str, reader_id: str, problems: Sequence[FieldProblem] = ()) -> BaseResponse:
    """Raises NotFound."""
    with gavel().database.read() as conn:
        reader = readers.get(conn, site_id, reader_id)
        book = rule_books.read(conn, site_id)
        settings = sites.get_site(conn, site_id).settings
        reviewed = agreements.reviewed(conn, site_id, reader_id, since=utc_now() - WINDOW)
        against = switching.against(conn, reader) if reader.state is not ReaderState.ON else []
        tried = _tried(conn, reader)
        progress = _progress(conn, site_id, reader_id)
    by_rule = [(named(book, line.rule) or line.rule, line) for line in figures.by_rule(reviewed)]
    return page(
        "desk/second_reader/reader.html",
        title=reader.wish.name,
        status=HTTPStatus.UNPROCESSABLE_ENTITY if problems else HTTPStatus.OK,
        site_id=site_id,
        reader=reader,
        rests=reader.rests(utc_now()),
        states=wording.states(),
        against=[translated(problem.message) for problem in against],
        problems=wording.problems_in_words(problems),
        least=settings.second_reader_agreement,
        most=replaying.MOST,
        weeks=figures.by_week(reviewed),
        by_rule=by_rule,
        euros=wording.euros,
        name_rule=lambda key: named(book, key) or key,
        **tried,
        **progress,
    )


def progress_of(site_id: str, reader_id: str) -> Response:
    """How far the running replay and trial are, for the page that waits for them. After both it is loaded anew."""
    with gavel().database.read() as conn:
        reader = readers.get(conn, site_id, reader_id)
        progress = _progress(conn, site_id, reader_id)
    said = render_template("desk/second_reader/progress.html", site_id=site_id, reader=reader, **progress)
    is_over = progress["running"] is None and progress["trial_running"] is None
    return Response(said, headers={"HX-Refresh": "true"} if is_over else {})


def _progress(conn: Connection, site_id: str, reader_id: str) -> dict[str, Any]:
    mine = [replay for replay in replays.running(conn, site_id) if replay.reader_id == reader_id]
    running = mine[0] if mine else None
    trial = trials.newest(conn, reader_id)
    return {
        "running": running,
        "read": running.comments - replays.left(conn, running.id) if running else 0,
        "trial_running": trial if trial is not None and trial.ended_at is None else None,
    }


def _tried(conn: Connection, reader: SecondReader) -> dict[str, Any]:
    """The newest replay with its figures, the newest try with its answers, and the newest trial with its report."""
    replay, attempt = (replays.newest(conn, reader.id, purpose) for purpose in (Purpose.REPLAY, Purpose.TRY))
    trial = trials.newest(conn, reader.id)
    return {
        "replay": replay if replay and replay.result is not None else None,
        "replayed": _figures(replay),
        "trial": trial,
        "report": None if trial is None else examining.report_of(trial, reader),
        "answers": replays.answers(conn, attempt.id) if attempt else [],
    }


def _figures(replay: ReaderReplay | None) -> ReplayFigures | None:
    return ReplayFigures.from_json(replay.result) if replay is not None and replay.result is not None else None
