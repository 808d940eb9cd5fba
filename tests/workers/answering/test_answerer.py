"""One pass of the models in this process: what sites have learnt counts, and one bad text costs the others nothing."""

from __future__ import annotations

import logging
import signal
import subprocess
import sys

import numpy as np
import pytest
from sqlalchemy.exc import OperationalError

from moderation.ground.database.engine import Database
from moderation.insight.learning import site_weights
from moderation.pipeline.drafts.messages import STATE_PATH, ScoredText, Text
from moderation.sites import sites
from tests.builders import NOON, OPERATOR
from workers.answering.answerer import MOST, Answerer, Failed, cut
from workers.answering.application import ScoringApplication
from workers.answering.learnt import LearntModels
from workers.answering.waiting import Waiting
from workers.scoring.ngrams.corrections import pack
from workers.scoring.scorable import Scorable
from workers.scoring.scorer import Scorer

TEXT = "The dentist drank nettle tea from the monastery and smiles again"
PATIENT_S = 60.0


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    return sqlite_database


@pytest.fixture
def answerer(scorer: Scorer, database: Database) -> Answerer:
    return Answerer(scorer, Waiting(), LearntModels(database, scorer.models["spam"]))


def score(answerer: Answerer, *texts: Text) -> tuple[ScoredText, ...]:
    request = answerer.waiting.enter(texts, within_s=PATIENT_S)
    while not request.done.is_set():
        answerer.answer(answerer.waiting.take(wait_s=0))
        answerer.waiting.passed()
    return answerer.waiting.result(request)


def spam_of(scored: ScoredText) -> tuple[float | None, str]:
    return next((s.value, s.source) for s in scored.signals if s.name == "spam")


def test_a_sites_own_corrections_count_for_its_texts_alone(
    answerer: Answerer, scorer: Scorer, database: Database
) -> None:
    site = sites.create_site(database, "Site A", by=OPERATOR, now=NOON).site
    learnt = pack(np.zeros(0, np.int32), np.zeros(0, np.float32), 4.0)
    model = {"model": scorer.models["spam"]}
    site_weights.put_into_force(database, site.id, "spam", learnt, model, by=OPERATOR, now=NOON)

    answerer.learnt.read([site.id])
    own, others = score(answerer, Text(TEXT, site_id=site.id), Text(TEXT))

    assert spam_of(own)[1] == f"{scorer.models['spam']}+site@1"
    assert spam_of(own)[0] > spam_of(others)[0]  # type: ignore[operator]
    assert spam_of(others)[1] == scorer.models["spam"]


def test_without_a_database_the_last_corrections_stay(
    answerer: Answerer, database: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def away() -> None:
        raise OperationalError("SELECT 1", {}, Exception("connection refused"))

    monkeypatch.setattr(database, "read", away)

    answerer.learnt.read(["site-a"])
    answerer.learnt.read(["site-a"])

    assert answerer.learnt.spam_of("site-a") is None
    assert caplog.text.count("cannot be read") == 1  # the second look is some seconds later


def test_one_text_that_the_models_cannot_score_costs_its_neighbours_nothing(
    answerer: Answerer, scorer: Scorer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    real = scorer.score

    def breaks(batch: list[Scorable]) -> object:
        if any("nettle" in one.text for one in batch):
            raise RuntimeError(f"cannot read {batch[0].text}")
        return real(batch)

    monkeypatch.setattr(scorer, "score", breaks)
    bad = answerer.waiting.enter([Text(TEXT)], within_s=PATIENT_S)

    with caplog.at_level(logging.DEBUG):
        (good,) = score(answerer, Text("Will the last boat wait for the train?"))

    assert good.signals
    with pytest.raises(Failed):
        answerer.waiting.result(bad)
    assert "could not score a text: RuntimeError" in caplog.text
    assert "nettle" not in caplog.text


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("One. Two!", ["One.", "Two!"]),
        ("  One.\n\n Two ", ["One.", "Two"]),
        ("No end", ["No end"]),
        ("   ", []),
    ],
)
def test_sentences_come_without_the_space_around_them(text: str, pieces: list[str]) -> None:
    assert [text[start:end] for start, end in cut(text)] == pieces


@pytest.mark.parametrize("count", [MOST - 1, MOST, MOST + 1, 5_000])
def test_no_text_is_cut_into_more_stretches_than_there_may_be(count: int) -> None:
    text = "So. " * count

    found = cut(text)

    assert min(count, MOST // 2) <= len(found) <= MOST
    assert "".join(text[start:end].replace(" ", "") for start, end in found) == "So." * count


def test_a_process_whose_thread_has_ended_says_so(answerer: Answerer) -> None:
    begun: list[str] = []
    environ = {"HTTP_AUTHORIZATION": "Bearer key", "REQUEST_METHOD": "GET", "PATH_INFO": STATE_PATH}

    body = b"".join(ScoringApplication(answerer, "key")(environ, lambda status, _head: begun.append(status)))  # type: ignore[arg-type]

    assert begun[0].startswith("500")
    assert b"thread" in body


def test_a_process_that_can_answer_no_more_ends_and_is_started_again() -> None:
    """Its other threads would go on taking texts that nobody scores."""
    code = (
        "import time\nfrom workers.answering.answerer import Answerer\nfrom workers.answering.waiting import Waiting\n"
        "clock = iter([0.0])\n"  # which ends, as nothing should
        "Answerer(None, Waiting(lambda: next(clock)), None).start()\ntime.sleep(600)"
    )

    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)

    assert ended.returncode == -signal.SIGTERM
    assert "no text can be answered any more" in ended.stderr
