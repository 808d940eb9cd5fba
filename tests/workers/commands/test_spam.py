"""``gavel spam`` at a terminal, and the worker that takes up what was learnt."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest

from moderation.ground.values.statuses import Action
from moderation.moderators.finding import audit_trail
from moderation.moderators.review import api_decisions
from moderation.sites.settings.rejection_reasons import SPAM_REASON
from moderation.spine.comments import scoring_rows as scoring
from tests.builders import NOON
from tests.moderation.conftest import Newsroom
from tests.service.bodies import settle
from tests.ticking import TickingClock
from tests.workers.commands.houses import House, opened
from tests.workers.learning.test_spam_refit import a_house
from workers.commands.spam import NOTHING_LEARNT
from workers.machine.queue_server import QueueServer
from workers.queue.pipeline import Pipeline
from workers.queue.site_weights import FRESH_S, SiteWeights
from workers.scoring.scorer import Scorer

ALMANAC = "The dentist reads the yellow almanac from the mill and knows the weather"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, redis_server: QueueServer) -> Iterator[House]:
    """A site with 130 decisions by its people, and another without any."""
    with opened("spam", tmp_path_factory.mktemp("learning"), redis_server.url) as house:
        newsroom = Newsroom(house.database, house.queues, house.site)
        for number, one in enumerate(a_house(60, 70)):
            newsroom.post(one.text, id=f"c-{number}")
            made = settle(house.database, house.site.id, f"c-{number}", Action.FLAG)
            action = Action.PUBLISH if one.reason is None else Action.REJECT
            version = made.version + 1
            api_decisions.rule(
                house.database, house.site.id, f"c-{number}", action, version=version, reason=one.reason, now=NOON
            )
        yield house


def test_a_dry_run_says_what_would_change_and_keeps_nothing(house: House) -> None:
    answer = house.run("refit", "The Herald", "--dry-run")

    assert answer.exit_code == 0, answer.output
    assert "60 spam, 70 other" in answer.output
    assert "nothing was kept" in answer.output
    assert "Nothing was learnt yet" in house.run("versions", "The Herald").output


def test_a_worker_takes_up_what_was_learnt_and_the_shipped_weights_again(house: House, scorer: Scorer) -> None:
    clock = TickingClock(FRESH_S)
    pipeline = Pipeline(house.database, house.queues, scorer, now=lambda: NOON)
    pipeline.site_weights = SiteWeights(scorer.models["spam"], clock)
    newsroom = Newsroom(house.database, house.queues, house.site)

    def spam_of(name: str) -> tuple[float, str]:
        posted = newsroom.post(f"{ALMANAC} {name}", id=name)
        assert pipeline.score([posted.comment.id]) == [None]
        with house.database.read() as conn:
            found = scoring.latest_scoring(conn, posted.comment.id)
        assert found is not None
        (signal,) = (signal for signal in found.signals if signal.name == "spam")
        assert signal.value is not None
        return signal.value, signal.source

    before, source = spam_of("first")
    answer = house.run("refit", "The Herald", "--json")
    after, learnt_source = spam_of("second")
    house.run("use", "The Herald", "--shipped")
    again, shipped_source = spam_of("third")

    assert answer.exit_code == 0, answer.output
    version = json.loads(answer.output)["version"]
    assert source == shipped_source == scorer.models["spam"]
    assert learnt_source == f"{source}+site@{version}"
    assert max(before, again) < 0.59 <= after


def test_learning_and_going_back_are_in_the_audit_trail(house: House) -> None:
    assert house.run("refit", "The Herald").exit_code == 0
    learnt = house.newest_entry()
    version = learnt.after["version"] if learnt.after else None
    assert house.run("use", "The Herald", "--version", str(version)).exit_code == 0
    put_back = house.newest_entry()

    assert (learnt.action, put_back.action) == ("weights.learnt", "weights.put_back")
    assert audit_trail.actor_in_words(put_back).startswith("operator")
    assert put_back.after == {"version": version}
    assert f"{version:4}" in house.run("versions", "The Herald").output


def test_a_site_with_too_few_decisions_learns_nothing(house: House) -> None:
    answer = house.run("refit", "The Courier")

    assert answer.exit_code == NOTHING_LEARNT
    assert "0 decisions with the reason" in answer.output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("refit", "The Times"), "The Times"),
        (("refit", "The Herald", "--reason", "Adverts"), "--reason: the site has no reason 'Adverts'"),
        (("use", "The Herald"), "either --version or --shipped"),
        (("use", "The Herald", "--version", "99"), "99"),
        (("use", "The Herald", "--version", "1", "--shipped"), "either --version or --shipped"),
    ],
)
def test_a_mistake_is_named(house: House, arguments: tuple[str, ...], words: str) -> None:
    answer = house.run(*arguments)

    assert answer.exit_code != 0
    assert words in answer.output + str(answer.exception)


def test_weights_for_another_model_are_not_used(house: House, caplog: pytest.LogCaptureFixture) -> None:
    assert house.run("refit", "The Herald").exit_code == 0
    weights = SiteWeights("another-model")
    logger = logging.getLogger(SiteWeights.__module__)  # commands set up logs of their own
    logger.addHandler(caplog.handler)

    with house.database.read() as conn:
        weights.read(conn, [house.site.id])
    logger.removeHandler(caplog.handler)

    assert weights.of(house.site.id) is None
    assert "gavel spam refit" in caplog.text


def test_the_default_reason_is_one_that_every_site_begins_with(house: House) -> None:
    assert SPAM_REASON in house.site.settings.rejection_reasons
