"""Coral's moderation phase, with requests as Coral's documentation describes them and its source sends them."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from moderation.ground.database.engine import Database
from moderation.ground.values import json_form
from moderation.ground.values.modes import ModeName
from moderation.ground.values.statuses import Action, CommentStatus
from moderation.ground.values.verdicts import Reason, ReasonCode
from moderation.law.modes import starting
from moderation.law.modes.starting import ModeWish
from moderation.pipeline.waiting import rows as waiting
from moderation.sites import sites
from moderation.sites.sites import NewSite
from moderation.spine.articles.tables import articles, authors
from moderation.spine.comments.tables import comments
from moderation.spine.events import coral_rows as store
from moderation.spine.events.tables import coral_comments
from service.compat.coral import wording
from service.compat.coral.calls import is_signed, signature
from service.context import gavel, utc_now
from tests.builders import OPERATOR
from tests.service.bodies import settle

SECRET = "empss_0f6d1d8c2f"
TEXT = "The ferry was late again."


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """Nothing here depends on which database it is."""
    return sqlite_database


@pytest.fixture
def coral_site(database: Database, site: NewSite) -> NewSite:
    sites.change_settings(database, site.site.id, by=OPERATOR, now=utc_now(), coral_signing_secret=SECRET)
    return site


def a_request(text: str = TEXT, **comment: Any) -> dict[str, Any]:
    return {
        "action": "NEW",
        "comment": {"body": text, "parentID": None, **comment},
        "author": {"id": "author-1", "role": "COMMENTER"},
        "story": {"id": "story-1", "url": "https://news.example/ferry"},
        "site": {"id": "site-1"},
        "tenantID": "tenant-1",
        "tenantDomain": "coral.example",
    }


def send(
    client: FlaskClient,
    site: NewSite,
    body: Any = None,
    *,
    secret: str = SECRET,
    timeout_ms: int = 10_000,
    signed: str | None = None,
) -> TestResponse:
    """As Coral does: JSON with two spaces, and a signature of exactly these bytes."""
    raw = json.dumps(a_request() if body is None else body, indent=2, ensure_ascii=False).encode()
    by = signature(secret, raw) if signed is None else signed
    sent = {"Content-Type": "application/json", "X-Coral-Signature": by}
    return client.post(f"/coral/{site.site.id}/moderate?timeout_ms={timeout_ms}", data=raw, headers=sent)


@contextmanager
def a_worker(database: Database, action: Action, toxicity: float = 0.1) -> Iterator[None]:
    """Decides the next comment that waits, as a worker would."""
    stop = threading.Event()

    def work() -> None:
        while not stop.is_set():
            with database.read() as conn:
                found = conn.execute(
                    sa.select(comments.c.site_id, comments.c.external_id).where(comments.c.status == "waiting")
                ).first()
            if found is not None:
                settle(database, found.site_id, found.external_id, action, toxicity)
                return
            time.sleep(0.01)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    yield
    stop.set()
    thread.join()


def stored(database: Database) -> list[Any]:
    with database.read() as conn:
        query = (
            sa.select(
                comments.c.text, comments.c.status, articles.c.external_id.label("story"), articles.c.url,
                authors.c.external_id.label("author"), comments.c.parent_id, comments.c.id, coral_comments.c.told,
            )
            .join(articles, articles.c.id == comments.c.article_id)
            .join(authors, authors.c.id == comments.c.author_id)
            .outerjoin(coral_comments, coral_comments.c.comment_id == comments.c.id)
            .order_by(comments.c.id)
        )  # fmt: skip
        return list(conn.execute(query))


def test_a_published_comment_has_no_status_of_ours(
    client: FlaskClient, coral_site: NewSite, database: Database
) -> None:
    with a_worker(database, Action.PUBLISH):
        answer = send(client, coral_site)

    assert answer.get_json() == {"status": "NONE", "actions": []}
    (comment,) = stored(database)
    assert (comment.text, comment.status, comment.told) == (TEXT, "published", "published")
    assert (comment.story, comment.url, comment.author) == ("story-1", "https://news.example/ferry", "author-1")


@pytest.mark.parametrize(("action", "status"), [(Action.FLAG, "SYSTEM_WITHHELD"), (Action.REJECT, "REJECTED")])
def test_a_held_or_rejected_comment_carries_the_flag_that_says_why(
    client: FlaskClient, coral_site: NewSite, database: Database, action: Action, status: str
) -> None:
    with a_worker(database, action, 0.97):
        answer = send(client, coral_site)

    flag = {"actionType": "FLAG", "reason": "COMMENT_DETECTED_TOXIC"}
    assert answer.get_json() == {"status": status, "actions": [flag]}


def test_no_answer_has_an_empty_list_of_tags() -> None:
    """Coral's own check refuses it, and with it the whole answer."""
    for status in CommentStatus:
        assert "tags" not in wording.decided(status, ()).get_json()


def test_spam_and_doubts_have_their_own_answers() -> None:
    spam = json_form.reason_to_json(Reason(ReasonCode.RULE, Action.FLAG, signal="links", value=3, limit=3))
    doubt = json_form.reason_to_json(Reason(ReasonCode.LANGUAGE, Action.FLAG, signal="language.supported"))

    withheld = wording.decided(CommentStatus.FLAGGED, [spam, spam]).get_json()
    pending = wording.decided(CommentStatus.FLAGGED, [doubt, spam]).get_json()

    assert withheld == {
        "status": "SYSTEM_WITHHELD",
        "actions": [{"actionType": "FLAG", "reason": "COMMENT_DETECTED_SPAM"}],
    }
    assert pending == {"status": "PREMOD", "actions": []}


def test_a_comment_that_is_not_decided_in_time_waits_for_a_person_and_is_kept(
    client: FlaskClient, coral_site: NewSite, database: Database
) -> None:
    answer = send(client, coral_site, timeout_ms=300)

    assert answer.get_json() == {"status": "PREMOD", "actions": []}
    assert answer.headers["Gavel-Held-For"].startswith("late")
    (comment,) = stored(database)
    assert (comment.status, comment.told) == ("waiting", "waiting")


def test_a_decision_that_coral_did_not_wait_for_does_not_count_as_told(
    client: FlaskClient, coral_site: NewSite, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database lets the answer wait, and meanwhile Coral publishes."""
    note = store.note_told

    def note_late(*given: Any) -> None:
        time.sleep(0.6)
        note(*given)

    monkeypatch.setattr(store, "note_told", note_late)

    with a_worker(database, Action.REJECT, 0.97):
        answer = send(client, coral_site, timeout_ms=600)

    assert answer.get_json() == {"status": "PREMOD", "actions": []}
    with database.read() as conn:
        told = conn.execute(sa.select(coral_comments)).one()
    assert told.told == "waiting"


def test_a_wrong_signature_holds_the_comment_and_stores_nothing(
    client: FlaskClient, coral_site: NewSite, database: Database
) -> None:
    for answer in (
        send(client, coral_site, secret="another"),
        send(client, coral_site, signed=""),
        send(client, coral_site, signed="sha256=00, md5=é"),
    ):
        assert (answer.status_code, answer.get_json()["status"]) == (200, "PREMOD")
        assert answer.headers["Gavel-Held-For"].startswith("signature")
    assert stored(database) == []


def test_without_a_secret_no_signature_is_right(client: FlaskClient, site: NewSite, database: Database) -> None:
    assert send(client, site, secret="").headers["Gavel-Held-For"].startswith("signature")
    assert stored(database) == []


def test_one_of_several_signatures_is_enough() -> None:
    """Coral signs with the old and the new secret while it rolls them."""
    body = b"{}"
    header = f"{signature('old', body)},{signature('new', body)}"

    assert is_signed("old", body, header)
    assert is_signed("new", body, header)
    assert not is_signed("other", body, header)
    assert not is_signed("new", b"{ }", header)


def test_the_signature_is_the_one_that_coral_makes() -> None:
    """As ``openssl dgst -sha256 -hmac secret`` has it."""
    expected = "sha256=b82fcb791acec57859b989b430a826488ce2e479fdf92326bd0a2e8375a42ba4"

    assert signature("secret", b"payload") == expected


@pytest.mark.parametrize(
    ("body", "field"),
    [([], "comment.body"), ({}, "comment.body"), ({**a_request(), "author": {}}, "author.id"),
     ({**a_request(), "story": {"id": "s" * 201}}, "story.id"),
     ({**a_request(), "comment": {"body": 5}}, "comment.body")],
)  # fmt: skip
def test_a_request_that_cannot_be_read_holds_the_comment_and_names_the_field(
    client: FlaskClient, coral_site: NewSite, database: Database, body: Any, field: str
) -> None:
    answer = send(client, coral_site, body)

    assert answer.get_json()["status"] == "PREMOD"
    assert field in answer.headers["Gavel-Held-For"]
    assert stored(database) == []


@pytest.mark.parametrize("text", ["   ", "a" * 20_001, "bell \x07"])
def test_a_text_that_gavel_refuses_is_held(
    client: FlaskClient, coral_site: NewSite, database: Database, text: str
) -> None:
    assert send(client, coral_site, a_request(text)).get_json() == {"status": "PREMOD", "actions": []}
    assert stored(database) == []


def test_a_database_that_is_away_holds_the_comment(
    client: FlaskClient, coral_site: NewSite, monkeypatch: pytest.MonkeyPatch, database: Database
) -> None:
    with client.application.app_context():
        backlog = gavel().backlog
    monkeypatch.setattr(type(backlog), "check", lambda *_args, **_named: (_ for _ in ()).throw(OSError("gone")))

    answer = send(client, coral_site)

    assert (answer.status_code, answer.get_json()["status"]) == (200, "PREMOD")
    assert answer.headers["Gavel-Held-For"] == "OSError"


def test_a_reply_finds_its_parent_once_coral_has_told_its_id(
    client: FlaskClient, coral_site: NewSite, database: Database
) -> None:
    send(client, coral_site, timeout_ms=100)
    (parent,) = stored(database)
    with database.write() as conn:
        conn.execute(coral_comments.update().values(coral_id="coral-7"))

    send(client, coral_site, a_request("It was not.", parentID="coral-7"), timeout_ms=100)
    send(client, coral_site, a_request("Who says so?", parentID="coral-8"), timeout_ms=100)

    _parent, known, unknown = stored(database)
    assert (known.parent_id, unknown.parent_id) == (parent.id, None)


def test_the_same_words_twice_are_two_comments(client: FlaskClient, coral_site: NewSite, database: Database) -> None:
    for _again in range(2):
        send(client, coral_site, timeout_ms=100)

    assert len(stored(database)) == 2
    with database.read() as conn:
        assert len(waiting.since_before(conn, utc_now(), after=None, limit=5)) == 2


def test_another_method_gets_an_answer_in_plain_words(client: FlaskClient, coral_site: NewSite) -> None:
    answer = client.get(f"/coral/{coral_site.site.id}/moderate")

    assert (answer.status_code, answer.mimetype) == (405, "text/plain")


@pytest.mark.parametrize("site_id", ["no-id", "01a216b4-d036-77df-b55f-800c106b82ce"])
def test_an_address_of_no_site_is_a_404(client: FlaskClient, site_id: str) -> None:
    assert client.post(f"/coral/{site_id}/moderate", data=b"{}").status_code == 404


@pytest.mark.parametrize(("mode", "answers"), [(ModeName.CLOSED, ["PREMOD"] * 2), (ModeName.SLOW, ["NONE", "PREMOD"])])
def test_no_new_words_are_shown_while_a_mode_forbids_them(
    client: FlaskClient, coral_site: NewSite, database: Database, mode: ModeName, answers: list[str]
) -> None:
    """An edit is a further request for a comment: Coral sends no other."""
    wish = ModeWish(mode, utc_now() + timedelta(hours=1))
    starting.start(database, coral_site.site.id, wish, by=OPERATOR, now=utc_now())

    given = []
    for text in (TEXT, "Wholly other words."):
        with a_worker(database, Action.PUBLISH):
            given.append(send(client, coral_site, a_request(text)).get_json()["status"])

    assert given == answers
    assert [comment.text for comment in stored(database)] == [TEXT] * answers.count("NONE")
