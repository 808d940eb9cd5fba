"""Failed items: admins see them, open them, and try them again, which the audit trail records."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing

import pytest
import sqlalchemy as sa

from moderation.ground.values.comments import Comment
from moderation.operations.operating.failed_items import error_line
from moderation.pipeline.rescoring.tables import rescores
from moderation.pipeline.settling import judgements as settling
from moderation.sites import sites
from moderation.sites import webhook_rows as webhook_failures
from moderation.sites.audit import rows as audit_entries
from moderation.sites.rows import Site
from moderation.spine.events import rows as event_store
from moderation.spine.events.tables import events
from tests.builders import OPERATOR
from tests.own_databases import ON_BOTH
from tests.receivers import Receiver
from tests.service.desk.browsing import SAME_ORIGIN, Browser
from tests.service.desk.cast import Cast
from tests.statements import Asked

TRACEBACK = """Traceback (most recent call last):
  File "scoring.py", line 3, in score
    raise ValueError(text)
ValueError: no tokens
in the second line
"""


@pytest.fixture
def dora(browser: Callable[[], Browser]) -> Browser:
    return browser().log_in("Dora")


def unscored(cast: Cast, external_id: str = "their-1", site: Site | None = None) -> Comment:
    comment = cast.waiting("Cannot be scored.", id=external_id, site=site)
    settling.give_up(cast.database, [comment.id], now=cast.now, detail="every attempt to score it failed")
    return comment


def undelivered(cast: Cast, external_id: str = "their-2") -> str:
    """The id of an event that no webhook took."""
    comment = cast.published("Published, and the site never heard.", id=external_id)
    with cast.database.write() as conn:
        event_store.release_due(conn, cast.herald.id, now=cast.now)
        of_it = events.c.comment_id == comment.id
        gave_up = {"attempts": 9, "last_error": "503 from https://news.example/hook?token=s3cret"}
        conn.execute(events.update().where(of_it).values(next_attempt_at=None, **gave_up))
        return str(conn.execute(sa.select(events.c.id).where(of_it)).scalar_one())


def marked(cast: Cast) -> list[str]:
    with cast.database.read() as conn:
        return list(conn.execute(sa.select(rescores.c.comment_id)).scalars())


def to_deliver(cast: Cast) -> int:
    with cast.database.read() as conn:
        due = sa.select(sa.func.count()).where(events.c.next_attempt_at.is_not(None))
        return conn.execute(due).scalar_one()


def noted(cast: Cast) -> list[tuple[str | None, str | None]]:
    with cast.database.read() as conn:
        found = audit_entries.entries(conn, cast.herald.id, before=None, limit=20)
    return [(e.actor_name, e.subject) for e in found if e.action == "dead_letter.tried_again"]


def test_it_is_listed_with_its_error_and_its_comment(cast: Cast, dora: Browser) -> None:
    comment = unscored(cast)
    undelivered(cast)
    unscored(cast, "their-9", cast.courier)

    page = dora.get("/desk/failed", site=cast.herald.id)

    rows = [" ".join(row.get_text(" ").split()) for row in page.html.select("tbody tr")]
    assert len(rows) == 2
    assert rows[0].startswith("Comment, not scored")
    assert "every attempt to score it failed" in rows[0]
    assert page.link("their-1")["href"] == f"/desk/review/{comment.id}"
    assert "comment.published" in rows[1]
    assert "9 attempts; the last failed: 503 from https://news.example/hook" in rows[1]
    assert "s3cret" not in page.text


def test_one_comment_is_tried_again_once(cast: Cast, dora: Browser) -> None:
    comment = unscored(cast)
    unscored(cast, "their-3")

    page = dora.get("/desk/failed", site=cast.herald.id).press("Try again: comment their-1")

    assert "Trying again within a minute: 1 to score, 0 to send" in page.text
    assert "Will be scored again" in page.text
    assert not page.has_button("Try again: comment their-1")
    assert marked(cast) == [comment.id]
    assert noted(cast) == [("Dora", "their-1")]


@ON_BOTH
def test_an_event_is_looked_at_and_tried_again(cast: Cast, dora: Browser) -> None:
    event_id = undelivered(cast)

    page = dora.get(f"/desk/failed/events/{event_id}", site=cast.herald.id)
    assert "503 from https://news.example/hook" in page.text
    assert '"status": "published"' in page.text
    page.press("Try again")

    assert to_deliver(cast) == 1
    assert noted(cast) == [("Dora", "their-2")]
    assert dora.get(f"/desk/failed/events/{event_id}", site=cast.herald.id).status == 404


def test_a_comment_is_looked_at_though_the_queue_server_is_away(cast: Cast, dora: Browser) -> None:
    comment = unscored(cast)

    page = dora.get(f"/desk/failed/comments/{comment.id}", site=cast.herald.id)

    assert page.status == 200
    assert "The queue server does not answer" in page.text
    page.press("Try again")
    assert marked(cast) == [comment.id]


def test_all_of_a_site_is_tried_again_and_nothing_of_another(cast: Cast, dora: Browser) -> None:
    mine = [unscored(cast).id, unscored(cast, "their-3").id]
    unscored(cast, "their-9", cast.courier)
    undelivered(cast)

    page = dora.get("/desk/failed", site=cast.herald.id).press("Try all again")

    assert "2 to score, 1 to send" in page.text
    assert sorted(marked(cast)) == sorted(mine)
    assert to_deliver(cast) == 1
    assert sorted(noted(cast)) == [("Dora", "their-1"), ("Dora", "their-2"), ("Dora", "their-3")]


def test_a_comment_that_a_person_has_decided_is_no_longer_listed(cast: Cast, dora: Browser) -> None:
    comment = unscored(cast)
    page = dora.get("/desk/failed", site=cast.herald.id)
    dora.get(f"/desk/review/{comment.id}").press("Approve")

    assert page.press("Try again: comment their-1").status == 404
    assert marked(cast) == []
    assert "Nothing has failed" in dora.get("/desk/failed", site=cast.herald.id).text


def test_an_escalated_one_is_still_listed(cast: Cast, dora: Browser) -> None:
    comment = unscored(cast)
    dora.get(f"/desk/review/{comment.id}").press("Escalate")

    assert dora.get("/desk/failed", site=cast.herald.id).has_button("Try again: comment their-1")


@pytest.mark.parametrize("who", ["Ana", "Ben"])
def test_only_an_admin_sees_it_and_tries_again(cast: Cast, browser: Callable[[], Browser], who: str) -> None:
    comment = unscored(cast)
    somebody = browser().log_in(who)

    assert somebody.get("/desk/failed").status == 403
    assert somebody.get(f"/desk/failed/comments/{comment.id}", site=cast.herald.id).status == 403
    assert somebody.post("/desk/failed", {"site": cast.herald.id}).status == 403
    assert marked(cast) == []


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_list_walks_no_table(cast: Cast, dora: Browser) -> None:
    unscored(cast)
    undelivered(cast)
    asked = Asked(cast.database)

    with asked.listening():
        dora.get("/desk/failed", site=cast.herald.id)

    assert [scan for scan in asked.scans() if "ix_events_given_up" not in scan] == []


@pytest.mark.parametrize(
    ("failure", "line"),
    [(TRACEBACK, "ValueError: no tokens"), ("503 from the site\nmore", "503 from the site"), ("", ""), ("  x", "  x")],
)
def test_the_line_of_an_error_that_says_most(failure: str, line: str) -> None:
    assert error_line(failure) == line.strip()


class TestWebhook:
    @pytest.fixture
    def receiver(self) -> Iterator[Receiver]:
        with closing(Receiver()) as receiver:
            yield receiver

    def call(self, cast: Cast, url: str | None) -> None:
        sites.change_settings(
            cast.database, cast.herald.id, by=OPERATOR, now=cast.now, private_webhooks=True, webhook_url=url
        )

    def test_an_admin_sends_a_test_event_and_sees_what_came_back(
        self, cast: Cast, dora: Browser, receiver: Receiver
    ) -> None:
        self.call(cast, receiver.url)
        page = dora.get("/desk/failed", site=cast.herald.id)
        assert "from=gavel" not in page.text
        assert "The last attempt succeeded, or there was none yet." in page.region("Webhook")

        accepted = page.press("Send a test event")
        receiver.status = 500
        refused = accepted.press("Send a test event")
        reloaded = dora.get("/desk/failed", site=cast.herald.id)

        assert "The site accepted the test event: it answered 204 after" in accepted.region("Webhook")
        assert "The last attempt failed" in refused.region("Webhook")
        assert ": the site answered 500." in refused.region("Webhook")
        assert reloaded.region("Webhook") == refused.region("Webhook")
        assert [event["type"] for event in receiver.events] == ["webhook.test"] * 2
        with cast.database.read() as conn:
            (entry, *_) = audit_entries.entries(conn, cast.herald.id, before=None, limit=1)
        assert (entry.action, entry.actor_name) == ("webhook.tested", "Dora")

    def test_the_last_error_of_a_delivery_is_shown(self, cast: Cast, dora: Browser, receiver: Receiver) -> None:
        self.call(cast, receiver.url)
        with cast.database.write() as conn:
            webhook_failures.note(conn, cast.herald.id, "the site did not answer within 10 seconds", now=cast.now)

        page = dora.get("/desk/failed", site=cast.herald.id)

        assert "the site did not answer within 10 seconds" in page.region("Webhook")

    def test_without_a_webhook_there_is_no_button(self, cast: Cast, dora: Browser) -> None:
        self.call(cast, None)

        page = dora.get("/desk/failed", site=cast.herald.id)

        assert "The site has no webhook." in page.region("Webhook")
        assert not page.has_button("Send a test event")

    @pytest.mark.parametrize("name", ["Ana", "Carla"])
    def test_only_an_admin_of_the_site_may(
        self, cast: Cast, browser: Callable[[], Browser], receiver: Receiver, name: str
    ) -> None:
        self.call(cast, receiver.url)
        somebody = browser().log_in(name)

        answer = somebody.client.post("/desk/failed/webhook-test", data={"site": cast.herald.id}, headers=SAME_ORIGIN)

        assert answer.status_code in (403, 404)
        assert receiver.got == []
