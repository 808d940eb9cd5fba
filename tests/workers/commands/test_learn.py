"""``gavel learn`` at a terminal, from an imported archive to a worker that uses what was learnt."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import Result

from moderation.ground.database import lease_rows as leases
from moderation.ground.environment.clock import utc_now
from moderation.insight.learning import rows as learning
from moderation.insight.learning import vector_rows as vectors
from moderation.judging.signals.scoring import Scoring
from moderation.operations.importing.past_comment import PastComment
from moderation.operations.importing.storing import store
from moderation.operations.operating.deleting import retention_rows as retention
from moderation.sites.audit import rows as audit_entries
from moderation.spine.comments import rows as comments
from moderation.spine.comments import scoring_rows as scoring
from tests.builders import NOON
from tests.moderation.conftest import Newsroom
from tests.ticking import TickingClock
from tests.workers.commands.houses import House, opened
from tests.workers.learning.newsrooms import a_newsroom
from workers.commands import learn as command
from workers.commands.learn import NOTHING_LEARNT
from workers.learning.house_runs import LEASE
from workers.machine.queue_server import QueueServer
from workers.queue.pipeline import Pipeline
from workers.queue.site_weights import FRESH_S, HouseModels
from workers.scoring.scorer import Scorer

ARCHIVE = 240
HATED = "The ferry and the timetable, once more"


def learn(house: House, *arguments: str) -> Result:
    return house.run("--site", "The Herald", *arguments)


def archived(number: int, text: str, is_rejected: bool, reason: str | None) -> PastComment:
    return PastComment.model_validate(
        {
            "id": f"old-{number}",
            "article": {"id": "a-1", "title": "A bridge for the harbour"},
            "author": {"id": f"u-{number % 40}"},
            "text": text,
            "language": "en",
            "posted_at": (NOON - timedelta(days=90) + timedelta(hours=number)).isoformat(),
            "status": "rejected" if is_rejected else "published",
            "reason": reason,
        }
    )


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, redis_server: QueueServer) -> Iterator[House]:
    """A site with an imported archive, and another without any."""
    with opened("learn", tmp_path_factory.mktemp("learning"), redis_server.url) as house:
        seen = [one.example for one in a_newsroom(ARCHIVE)]
        past = [archived(n, e.text, e.is_rejected, e.reason) for n, e in enumerate(seen)]
        store(house.database, house.site.id, past)
        yield house


@pytest.fixture(autouse=True)
def loaded(scorer: Scorer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The models that the other tests have loaded."""
    monkeypatch.setattr(command, "_loaded", lambda *_settings: scorer)


@pytest.fixture(scope="module")
def first(house: House, scorer: Scorer) -> Result:
    """The first version."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(command, "_loaded", lambda *_settings: scorer)
        return learn(house, "--json")


def refuse_to_load(*_settings: object) -> Scorer:
    raise AssertionError("everything was scored before")


def scored(house: House, scorer: Scorer, name: str, models: HouseModels) -> Scoring:
    pipeline = Pipeline(house.database, house.queues, scorer, now=lambda: NOON)
    pipeline.house_models = models
    posted = Newsroom(house.database, house.queues, house.site).post(f"{HATED} {name}", id=name, language="en")
    assert pipeline.score([posted.comment.id]) == [None]
    with house.database.read() as conn:
        found = scoring.latest_scoring(conn, posted.comment.id)
    assert found is not None
    return found


def test_an_imported_archive_is_scored_and_learnt_from(house: House, first: Result) -> None:
    assert first.exit_code == 0, first.output
    report = json.loads(first.output)
    assert (report["version"], report["by_source"]["import"], report["refusal"]) == (1, ARCHIVE, None)
    with house.database.read() as conn:
        ids = [comments.get_comment(conn, house.site.id, f"old-{n}").id for n in range(ARCHIVE)]
        known = vectors.of(conn, ids)
        signals = scoring.latest_scoring(conn, ids[0])
    assert len(known) == ARCHIVE and len({vector.space for vector in known.values()}) == 1
    assert signals is not None and {s.name for s in signals.signals} >= {"toxicity", "relevance", "spam"}


def test_the_next_run_scores_nothing_again_and_offers_nothing_without_news(
    house: House, first: Result, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "_loaded", refuse_to_load)

    again = learn(house, "--report")

    assert again.exit_code == NOTHING_LEARNT
    assert "Not offered: too few decisions are new since house@1, which stays in use." in again.output
    assert "| the shipped models |" in again.output
    listed = house.run("versions", "The Herald").output
    assert "not offered" in listed and "in use" in listed


def test_a_worker_takes_up_a_version_and_its_end_within_ten_seconds(
    house: House, first: Result, scorer: Scorer
) -> None:
    clock = TickingClock(FRESH_S)
    models = HouseModels(clock)
    with_model = scored(house, scorer, "first", models)
    house.run("use", "The Herald", "--none")
    without = scored(house, scorer, "second", models)
    house.run("use", "The Herald", "--version", "1")
    again = scored(house, scorer, "third", models)

    values = [{s.name: s for s in one.signals}.get("house") for one in (with_model, without, again)]
    assert values[0] is not None and values[0].value is not None and values[0].value > 0.6
    assert values[1] is None and values[2] is not None
    assert [one.models.get("house") for one in (with_model, without, again)] == ["house@1", None, "house@1"]
    assert FRESH_S <= 10


def test_learning_and_going_back_are_in_the_audit_trail(house: House, first: Result) -> None:
    house.run("use", "The Herald", "--none")
    ended = house.newest_entry()
    house.run("use", "The Herald", "--version", "1")
    put_back = house.newest_entry()

    assert (ended.action, ended.subject, ended.after) == ("weights.put_back", "house", {"version": None})
    assert (put_back.before, put_back.after) == ({"version": None}, {"version": 1})
    with house.database.read() as conn:
        learnt = [
            e for e in audit_entries.entries(conn, house.site.id, before=None, limit=50) if e.action == "weights.learnt"
        ]
    assert learnt[-1].after is not None and learnt[-1].after["both"]["auc"] > 0.8
    assert "words" not in learnt[-1].after


def test_the_card_says_how_good_a_version_is_and_what_it_is_not_for(
    house: House, first: Result, tmp_path: Path
) -> None:
    answer = house.run("card", "The Herald", "--out", str(tmp_path / "card.md"))

    assert answer.exit_code == 0, answer.output
    card = (tmp_path / "card.md").read_text()
    assert card.startswith("# House model of The Herald, version 1\n")
    assert f"{ARCHIVE} imported" in card and "Do not use it to judge an author" in card
    assert card == house.run("card", "The Herald", "--version", "1").output


def test_a_dry_run_keeps_nothing(house: House, first: Result) -> None:
    with house.database.read() as conn:
        before = learning.latest_version(conn, house.site.id, "house")

    learn(house, "--dry-run")

    with house.database.read() as conn:
        assert learning.latest_version(conn, house.site.id, "house") == before


def test_a_site_with_too_few_decisions_learns_nothing(house: House) -> None:
    answer = house.run("--site", "The Courier")

    assert answer.exit_code == NOTHING_LEARNT
    assert "0 decisions by people are known" in answer.output


def test_the_nightly_run_learns_where_examples_are_new(
    house: House, first: Result, caplog: pytest.LogCaptureFixture
) -> None:
    logger = logging.getLogger(command.__name__)
    learn(house)  # the newest version has seen all there is

    def nightly() -> str:
        caplog.clear()
        logger.addHandler(caplog.handler)
        assert house.run("--nightly").exit_code == 0
        logger.removeHandler(caplog.handler)
        return caplog.text

    assert "The Herald" not in nightly()
    with house.database.write() as conn:
        retention.delete_comments(conn, [comments.get_comment(conn, house.site.id, "old-7").id])
    assert "The Herald: Version" in nightly()


def test_one_process_learns_at_a_time(house: House) -> None:
    now = utc_now()
    with house.database.write() as conn:
        leases.take(conn, LEASE, "elsewhere:1", until=now + timedelta(minutes=5), now=now)

    answer = learn(house)

    with house.database.write() as conn:
        leases.end(conn, LEASE, "elsewhere:1")
    assert "another process is learning: elsewhere:1" in str(answer.exception)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "either --site or --nightly"),
        (("--site", "The Herald", "--nightly"), "either --site or --nightly"),
        (("--site", "The Times"), "The Times"),
        (("use", "The Herald"), "either --version or --none"),
        (("use", "The Herald", "--version", "99"), "99"),
        (("card", "The Courier"), "version of the house model"),
    ],
)
def test_a_mistake_is_named(house: House, arguments: tuple[str, ...], words: str) -> None:
    answer = house.run(*arguments)

    assert answer.exit_code != 0
    assert words in answer.output + str(answer.exception)
