"""Alerts by API: added, tested and removed by the site's program, with a real receiver on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import pytest

from moderation.ground.database.engine import Database
from moderation.ground.environment.settings import Settings
from moderation.ground.jobs.jobs import Queues
from moderation.operations.alerts.values import AlertKind
from tests.own_databases import ON_BOTH
from tests.receivers import Receiver
from tests.service.api.test_webhook import client_of
from tests.service.bodies import problem_fields
from tests.service.conftest import Caller

PATH = "/v1/site/alerts"
SLACK = {"channel": "slack", "address": "https://hooks.slack.example/services/s3cr3t"}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with closing(Receiver()) as receiver:
        yield receiver


@pytest.fixture
def inside(settings: Settings, database: Database, queues: Queues, api_key: str) -> Caller:
    """A caller of a service that may send to this machine."""
    return Caller(client_of(replace(settings, webhook_allow_private=True), database, queues), api_key)


@ON_BOTH
def test_alerts_are_added_listed_and_removed_and_their_secret_is_not_shown(api: Caller) -> None:
    answer = api.post(PATH, {**SLACK, "kinds": ["threat", "webhook"], "quiet_from": 22, "quiet_until": 6})

    assert answer.status_code == 201, answer.text
    target = answer.json or {}
    assert (target["place"], target["kinds"], target["error"]) == ("hooks.slack.example", ["threat", "webhook"], None)
    assert (target["quiet_from"], target["quiet_until"]) == (22, 6)
    assert "s3cr3t" not in answer.text
    assert api.get(PATH).json == {"targets": [target]}
    assert api.delete(f"{PATH}/{target['id']}").json == target
    assert api.get(PATH).json == {"targets": []}
    assert api.delete(f"{PATH}/{target['id']}").status_code == 404


def test_without_kinds_a_target_hears_of_all(api: Caller) -> None:
    target = api.post(PATH, {"channel": "mail", "address": " desk@paper.example "}).json or {}

    assert (target["place"], target["kinds"]) == ("desk@paper.example", [kind.value for kind in AlertKind])


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"channel": "pigeon"}, "channel"),
        ({"address": "ftp://hooks.slack.example/"}, "address"),
        ({"address": "https://127.0.0.1/hook"}, "address"),
        ({"channel": "mail"}, "address"),
        ({"kinds": []}, "kinds"),
        ({"kinds": ["rain"]}, "kinds[0]"),
        ({"language": "it"}, "language"),
        ({"zone": "Europe/Nowhere"}, "zone"),
        ({"quiet_from": 22}, "quiet_until"),
        ({"quiet_from": 24, "quiet_until": 3}, "quiet_from"),
        ({"queue_size": 0}, "queue_size"),
        ({"shows_text": "yes"}, "shows_text"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_wrong_field_is_named(api: Caller, wrong: dict[str, object], field: str) -> None:
    answer = api.post(PATH, {**SLACK, **wrong})

    assert answer.status_code == 422
    assert problem_fields(answer.json or {}) == [field]
    assert api.get(PATH).json == {"targets": []}


def test_a_test_says_whether_it_was_sent(inside: Caller, receiver: Receiver) -> None:
    target = inside.post(PATH, {"channel": "slack", "address": receiver.url}).json or {}

    sent = inside.post(f"{PATH}/{target['id']}/test")
    receiver.status = 404
    refused = inside.post(f"{PATH}/{target['id']}/test")

    assert sent.json == {"sent": True, "error": None}
    assert refused.status_code == 200
    assert refused.json == {"sent": False, "error": "the site answered 404"}
    assert len(receiver.got) == 2
