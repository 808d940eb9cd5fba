"""The contents of the logs. They never have a comment's text, a key, a password or a query string."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from redis import Redis
from rq import Queue
from rq.worker import SimpleWorker
from sqlalchemy.exc import DBAPIError

from moderation.ground.database.engine import Database
from moderation.ground.monitoring import logs
from moderation.ground.values.statuses import Action
from moderation.sites.sites import NewSite
from moderation.spine.comments import rows as comments
from tests.own_databases import ON_BOTH
from tests.service.bodies import a_body, settle
from tests.service.conftest import Caller

SAID = "The harbour master is a swindler and a half"


class Written(io.StringIO):
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.getvalue().splitlines()]

    def line(self, message: str) -> dict[str, Any]:
        (found,) = [line for line in self.lines() if line["message"] == message]
        return found


@pytest.fixture
def written() -> Iterator[Written]:
    """All that is logged, at the lowest severity, as a process writes it."""
    stream, root = Written(), logging.getLogger()
    handler, before = logging.StreamHandler(stream), root.level
    handler.setFormatter(logs.JsonLines(logs.FIELDS))
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    root.setLevel(before)


def test_a_request_id_follows_a_comment_to_its_decision(
    api: Caller, database: Database, site: NewSite, written: Written
) -> None:
    answer = api.post("/v1/comments", a_body(SAID, id="c-1"), headers={"X-Request-Id": "edge-42"})
    logs.request_id.set(None)  # the worker is another process
    settle(database, site.site.id, "c-1", Action.FLAG)

    accepted, decided = written.line("comment accepted"), written.line("comment decided")
    assert answer.headers["X-Request-Id"] == "edge-42"
    assert accepted["request_id"] == written.line("answered")["request_id"] == decided["request_id"] == "edge-42"
    assert accepted["comment_id"] == decided["comment_id"]
    assert (decided["action"], decided["rule"]) == ("flag", "toxicity")


@pytest.mark.parametrize("given", ["", "two words", "x" * 65, 'a"b', "ü"])
def test_an_id_that_is_no_plain_word_is_replaced(api: Caller, written: Written, given: str) -> None:
    answer = api.post("/v1/comments", a_body(), headers={"X-Request-Id": given})

    made = answer.headers["X-Request-Id"]
    assert len(made) == 32 and made != given
    assert written.line("answered")["request_id"] == made


def test_logs_hold_no_text_no_key_and_no_query_string(
    api: Caller, client: FlaskClient, database: Database, site: NewSite, written: Written
) -> None:
    api.post("/v1/comments", a_body(SAID, id="c-1"))
    api.post("/v1/comments", a_body(SAID + "!", id="c-1"))  # refused: another body
    api.post("/v1/comments", a_body(SAID, article=SAID))  # refused: not a valid body
    api.post("/v1/comments", data=b'{"text": "' + SAID.encode(), content_type="application/json")
    api.patch("/v1/comments/c-1", {"text": SAID + " or two"})
    api.get("/v1/articles/a-1/comments?after=secret-cursor")
    client.get("/v1/comments/c-1", headers={"Authorization": "Bearer gvl_wrong-key-wrong-key"})
    client.post("/desk/login?next=secret-cursor", data={"email": "ana@news.example", "password": "opensesame"})
    settle(database, site.site.id, "c-1")

    text = written.getvalue()
    assert "answered" in text
    for secret in (SAID, "swindler", api.token, api.token[4:20], "gvl_wrong", "secret-cursor", "opensesame"):
        assert secret not in text, secret


@ON_BOTH
def test_an_error_of_the_database_does_not_show_the_text(
    api: Caller, database: Database, written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(conn: Any, *args: Any, **options: Any) -> None:
        conn.exec_driver_sql(
            "INSERT INTO no_such_table VALUES (%s)"
            if not database.is_sqlite
            else "INSERT INTO no_such_table VALUES (?)",
            (SAID,),
        )

    monkeypatch.setattr(comments, "insert_comment", fails)

    answer = api.post("/v1/comments", a_body(SAID))

    assert answer.status_code >= 500
    assert "no_such_table" in written.getvalue()
    assert "swindler" not in written.getvalue()


def test_an_error_is_logged_with_its_route_and_not_its_path(
    api: Caller, written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*args: Any, **options: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(comments, "get_listed", fails)

    answer = api.get("/v1/comments/a-readers-id")

    assert answer.status_code == 500
    assert "GET /v1/comments/<id>, incident" in written.getvalue()
    assert "a-readers-id" not in written.getvalue()


def test_times_are_in_utc() -> None:
    record = logging.makeLogRecord({"msg": "comment decided", "created": 1_795_600_382.5949})

    assert json.loads(logs.JsonLines(logs.FIELDS).format(record))["time"] == "2026-11-25T09:53:02.594Z"


@pytest.fixture
def workers_logger() -> Iterator[logging.Logger]:
    """As at a worker's start: one that worked in another test has set its level."""
    logger, root = logging.getLogger("rq.worker"), logging.getLogger()
    before = [(each, each.level, each.handlers[:], each.propagate) for each in (logger, root)]
    logger.setLevel(logging.NOTSET)
    logger.handlers[:], logger.propagate = [], True
    yield logger
    for each, level, handlers, propagate in before:
        each.setLevel(level)
        each.handlers[:], each.propagate = handlers, propagate


def test_messages_that_workers_repeat_are_left_out(
    redis: Redis, workers_logger: logging.Logger, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.set_up("INFO", "text")
    worker = SimpleWorker([Queue("live", connection=redis)], connection=redis)

    worker.run_maintenance_tasks()
    workers_logger.info("Worker %s: started", "w-1")

    told = capsys.readouterr().err
    assert "cleaning" not in told
    assert "Worker w-1: started" in told


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("key gvl_AbCd-efgh_1234 refused", "key gvl_… refused"),
        ("signed with whsec_MfKQ9r8GKYqrTwjU+/=", "signed with whsec_…"),
        ("Authorization: Bearer abc.def", "Authorization: Bearer …"),
        ("AUTHORIZATION: BEARER abc.def", "AUTHORIZATION: BEARER …"),
        ("no route for url: /v1/comments?after=x1", "no route for url: /v1/comments?…"),
        ("Error 111 connecting to rediss://gavel:pa55@queue:6379/0", "Error 111 connecting to rediss://…@queue:6379/0"),
        ("no answer from https://news.example/hook?token=1#x", "no answer from https://news.example/hook?…"),
        ("POST https://news.example/hook took 3 s?", "POST https://news.example/hook took 3 s?"),
    ],
)
def test_messages_of_libraries_are_cleaned(said: str, kept: str) -> None:
    assert logs.clean(said) == kept


def test_lines_for_people_carry_the_same_fields() -> None:
    record = logging.makeLogRecord({"msg": "comment decided", "levelname": "INFO", "name": "x", "comment_id": "c-1"})
    logs.request_id.set("edge-42")

    line = logs.TextLines(logs.FIELDS).format(record)

    assert line.endswith("INFO x comment decided comment_id=c-1 request_id=edge-42")
    logs.request_id.set(None)


@ON_BOTH
def test_the_error_that_hides_parameters_is_the_one_the_driver_raises(database: Database) -> None:
    with pytest.raises(DBAPIError) as caught, database.read() as conn:
        conn.exec_driver_sql("SELECT * FROM no_such_table WHERE x = '1'")

    assert caught.value.hide_parameters
