"""Puts a second reader to its trial: plain comments, books that permit all and forbid all, and injections, asked one by
one in the turns in which it reads all else. A reader that ignores the rules, or that comments can turn, does not
count."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.engine import Connection as Conn

from moderation.ground.database.engine import Database, new_id
from moderation.ground.errors import FieldProblem, InvalidInput, NotFound, said
from moderation.judging.second_reader.attacks import trial as judging
from moderation.judging.second_reader.attacks.injections import attack_texts
from moderation.judging.second_reader.attacks.trial import TrialRefusal, TrialReport
from moderation.judging.second_reader.registry import CONTRACTS
from moderation.judging.second_reader.values import Connection
from moderation.pipeline.second_opinions import replies
from moderation.pipeline.second_opinions.reading import DAY
from moderation.pipeline.second_opinions.replies import AGAIN_AFTER, Ask
from moderation.sites import rows as sites
from moderation.sites.audit.actors import Actor
from moderation.sites.audit.writing import note
from moderation.sites.second_readers import rows as readers
from moderation.sites.second_readers.values import SecondReader
from moderation.spine.second_readings import budget_rows as budgets
from moderation.spine.second_readings import rows as readings
from moderation.spine.second_readings import trial_rows as store
from moderation.spine.second_readings.trial_rows import ReaderTrial
from moderation.spine.second_readings.values import ReaderAnswer

REFUSED: Mapping[TrialRefusal, str] = {
    TrialRefusal.FIXED_PRIOR: said("ignores the rules: it says the same of a comment whatever they are (fixed-prior)"),
    TrialRefusal.BLIND: said("does not tell plain insults from civil comments"),
    TrialRefusal.TURNED: said("obeys comments: too many that told it how to judge them got through"),
    TrialRefusal.SILENT: said("left too many questions of its trial without an answer"),
}


def start(db: Database, site_id: str, reader_id: str, *, by: Actor, now: datetime) -> ReaderTrial:
    """Raises NotFound, and InvalidInput while another one runs."""
    with db.write() as conn:
        sites.lock_site(conn, site_id)
        reader = readers.get(conn, site_id, reader_id)
        newest = store.newest(conn, reader_id)
        if newest is not None and newest.ended_at is None:
            raise InvalidInput(FieldProblem("trial", said("is running already: wait for the end, or stop it")))
        trial = ReaderTrial(
            id=new_id(),
            site_id=site_id,
            reader_id=reader_id,
            fingerprint=reader.fingerprint,
            model=reader.wish.model,
            host=reader.host,
            prompt_hash=hash_of(reader),
            questions=len(judging.questions(CONTRACTS[reader.wish.contract], attack_texts())),
            started_by=str(by),
            started_at=now,
            next_at=now,
        )
        store.insert(conn, trial)
        said_of_it = {"questions": trial.questions, "prompt_hash": trial.prompt_hash}
        action = "second_reader.examined"
        note(conn, by, action, site_id=site_id, subject=reader.wish.name, after=said_of_it, now=now)
    return trial


def stop(db: Database, site_id: str, trial_id: str, *, by: Actor, now: datetime) -> None:
    """Raises NotFound."""
    with db.write() as conn:
        trial = store.get(conn, site_id, trial_id)
        reader = readers.get(conn, site_id, trial.reader_id)
        if store.end(conn, trial_id, now=now):
            note(conn, by, "second_reader.stopped", site_id=site_id, subject=reader.wish.name, now=now)


def hash_of(reader: SecondReader) -> str:
    """Of all that the reader would be asked in a trial now."""
    wish = reader.wish
    connection = Connection(wish.name, wish.contract, wish.base_url, wish.model)
    return judging.trial_hash(CONTRACTS[wish.contract], connection, attack_texts())


def report_of(trial: ReaderTrial, reader: SecondReader) -> TrialReport | None:
    """None while it runs, if it was stopped, and if its questions were others than those of now."""
    if not trial.is_complete or trial.prompt_hash != hash_of(reader):
        return None
    return judging.report(CONTRACTS[reader.wish.contract], trial.verdicts, attack_texts())


def against(conn: Conn, reader: SecondReader) -> list[str]:
    """All that its trial says against it. Empty for one that has passed it."""
    trial = store.newest(conn, reader.id)
    if trial is None or not trial.is_complete:
        return [said("needs a trial that has ended")]
    report = report_of(trial, reader)
    answering = readings.newest_model(conn, reader.site_id, reader.id, since=trial.started_at) or trial.model
    if report is None or trial.fingerprint != reader.fingerprint or answering != trial.model:
        return [said("needs a trial with the model, the address and the prompt of now")]
    return [REFUSED[refusal] for refusal in report.refusals]


@dataclass(frozen=True, slots=True)
class TrialTurn:
    """Asks a site's readers the questions of their trials."""

    database: Database
    ask: Ask
    now: Callable[[], datetime]

    def step(self, site_id: str) -> bool:
        """Asks one question of the trial that has waited longest. Returns False if there is none to be asked now."""
        with self.database.read() as conn:
            due = store.due(conn, site_id, now=self.now())
        return any(self._asked(trial) for trial in due)

    def _asked(self, trial: ReaderTrial) -> bool:
        """Returns whether the reader was asked."""
        with self.database.write() as conn:
            reader = _reader(conn, trial)
            if reader is None or trial.prompt_hash != hash_of(reader):
                store.end(conn, trial.id, now=self.now())
                return False
            if reader.rests_until is not None and reader.rests(self.now()):
                store.postpone(conn, trial, to=reader.rests_until, attempts=trial.attempts)
                return False
            if not self._booked(conn, trial):
                return False
        self._ask(trial, reader)
        return True

    def _booked(self, conn: Conn, trial: ReaderTrial) -> bool:
        now, budget = self.now(), sites.get_site(conn, trial.site_id).settings.second_reader_budget
        if budgets.book(conn, trial.site_id, now.date(), budget):
            return True
        tomorrow = now.replace(hour=0, minute=0, second=0, microsecond=0) + DAY
        store.postpone(conn, trial, to=tomorrow, attempts=trial.attempts)
        return False

    def _ask(self, trial: ReaderTrial, reader: SecondReader) -> None:
        booked = self.now().date()
        asked = judging.questions(CONTRACTS[reader.wish.contract], attack_texts())[len(trial.answers)]
        reply = self.ask(reader, asked)
        with self.database.write() as conn:
            replies.pay(conn, reader, reply, booked=booked, now=self.now())
            if reply.may_pass and trial.attempts < len(AGAIN_AFTER):
                again = self.now() + AGAIN_AFTER[0]
                store.postpone(conn, trial, to=again, attempts=trial.attempts + 1)
            elif _is_another_model(trial, reply.answer):
                store.end(conn, trial.id, now=self.now())
            else:
                answer = reply.answer
                store.answer(conn, trial, answer.breaks, answer.missing, model=answer.model, now=self.now())


def _is_another_model(trial: ReaderTrial, answer: ReaderAnswer) -> bool:
    """Whether the model behind the address was replaced in the middle of the trial."""
    return answer.breaks is not None and trial.is_answered and answer.model != trial.model


def _reader(conn: Conn, trial: ReaderTrial) -> SecondReader | None:
    try:
        return readers.get(conn, trial.site_id, trial.reader_id)
    except NotFound:  # given up meanwhile
        return None
