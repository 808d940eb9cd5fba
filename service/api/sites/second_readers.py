"""A site's second readers, as a program reads them: their states, and what keeps each from being switched on."""

from __future__ import annotations

from datetime import datetime

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel, Field
from sqlalchemy.engine import Connection

from moderation.pipeline.second_opinions import examining, switching
from moderation.sites.keys import Scope
from moderation.sites.second_readers import rows as readers
from moderation.sites.second_readers.values import ReaderState, SecondReader
from moderation.spine.second_readings import trial_rows as trials
from service.api import responses, views
from service.auth import current_key, needs
from service.context import gavel

site_second_readers = APIBlueprint("site_second_readers", __name__, url_prefix="/v1", abp_tags=[Tag(name="Site")])


class ReaderTrialState(BaseModel):
    """The newest trial. The counts of injections are null until all its questions have answers."""

    model: str
    host: str
    prompt_hash: str
    questions: int
    answered: int
    ended_at: datetime | None
    injections: int | None
    got_through: int | None


class SecondReaderState(BaseModel):
    id: str
    name: str
    state: ReaderState
    contract: str
    model: str
    host: str = Field(description="Where comments go")
    masked: bool
    rests_until: datetime | None = Field(description="It did not answer, and is not asked before")
    against: list[str] = Field(description="Sentences about what keeps it from being switched on")
    trial: ReaderTrialState | None


class SecondReaderStates(BaseModel):
    """The one that was connected first comes first."""

    second_readers: list[SecondReaderState]


@site_second_readers.get(
    "/site/second-readers",
    operation_id="getSecondReaders",
    responses={200: SecondReaderStates, **responses.problems()},
)
@needs(Scope.MODERATE)
def get_second_readers() -> Response:
    """Read the site's second readers, and whether they may be switched on"""
    with gavel().database.read() as conn:
        shown = [_shown(conn, reader) for reader in readers.of_site(conn, current_key().site_id)]
    return views.reply(SecondReaderStates(second_readers=shown))


def _shown(conn: Connection, reader: SecondReader) -> SecondReaderState:
    problems = switching.against(conn, reader) if reader.state is not ReaderState.ON else []
    return SecondReaderState(
        id=reader.id,
        name=reader.wish.name,
        state=reader.state,
        contract=reader.wish.contract,
        model=reader.wish.model,
        host=reader.host,
        masked=reader.wish.masked,
        rests_until=reader.rests_until,
        against=[problem.message for problem in problems],
        trial=_trial(conn, reader),
    )


def _trial(conn: Connection, reader: SecondReader) -> ReaderTrialState | None:
    trial = trials.newest(conn, reader.id)
    if trial is None:
        return None
    report = examining.report_of(trial, reader)
    return ReaderTrialState(
        model=trial.model,
        host=trial.host,
        prompt_hash=trial.prompt_hash,
        questions=trial.questions,
        answered=len(trial.answers),
        ended_at=trial.ended_at,
        injections=None if report is None else report.attacked,
        got_through=None if report is None else len(report.through),
    )
