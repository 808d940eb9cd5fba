from __future__ import annotations

import pytest
from flask import Flask

from moderation.ground.database.engine import new_id
from moderation.ground.environment.settings import Settings
from moderation.moderators.queue.desk import questions
from service.app import create_app
from service.web import stopping
from tests.own_databases import ON_BOTH
from tests.service.desk.browsing import SAME_ORIGIN, Browser
from tests.service.desk.cast import Cast


def news(browser: Browser, **query: str) -> dict[str, object]:
    answer = browser.client.get("/desk/queue-changes", query_string=query)
    assert answer.status_code == 200
    return dict(answer.get_json())


def test_a_page_hears_what_others_decided(cast: Cast, ana: Browser, ben: Browser) -> None:
    decided, waiting = cast.flagged("One."), cast.flagged("Two.")
    ben.get(f"/desk/review/{decided.id}").press("Reject")

    told = news(ana, lines=f"{decided.id},{waiting.id}", since=new_id())

    assert told["waiting"] == "1"
    notice = "Rejected by Ben. Your next key or click opens the next comment."
    assert told["lines"][decided.id] == {"gone": True, "words": "Rejected by Ben", "notice": notice}  # type: ignore[index]


@ON_BOTH
def test_a_page_hears_who_reads_what(cast: Cast, ana: Browser, ben: Browser) -> None:
    comment = cast.flagged()
    ben.get(f"/desk/review/{comment.id}")

    notice = "Ben is reading this now. You can still decide; the first decision counts."
    line = {"gone": False, "words": "Ben is reading", "notice": notice}
    assert news(ana, lines=comment.id)["lines"] == {comment.id: line}
    assert news(ben, lines=comment.id)["lines"] == {}


def test_new_arrivals_are_counted_and_not_shown(cast: Cast, ana: Browser) -> None:
    cast.flagged("Before.")
    since = new_id()
    cast.flagged("After.")
    cast.published("Nobody's business.")
    cast.flagged("Elsewhere.", site=cast.courier)

    assert news(ana, since=since)["arrived"] == 1


@ON_BOTH
def test_what_came_outside_the_view_is_not_news(cast: Cast, ana: Browser) -> None:
    since = new_id()
    cast.flagged("An insult.")

    assert news(ana, since=since, signal="relevance")["arrived"] == 0


def test_nothing_is_told_of_other_sites(cast: Cast, carla: Browser, ben: Browser) -> None:
    comment = cast.flagged("Only for the Herald.")
    ben.get(f"/desk/review/{comment.id}").press("Reject")

    assert news(carla, lines=comment.id, since=new_id())["lines"] == {}


@ON_BOTH
def test_a_stream_rings_when_somebody_decides(cast: Cast, ana: Browser) -> None:
    comment = cast.flagged()
    answer = ana.client.get("/desk/live", buffered=False)
    stream = answer.iter_encoded()
    assert next(stream) == b"retry: 3000\n\n"

    ana.client.post(
        f"/desk/comments/{comment.id}/decisions", data={"choice": "approve", "version": "2"}, headers=SAME_ORIGIN
    )

    assert bytes(next(stream)).startswith(b"data: ")
    answer.close()


def test_a_stream_rings_when_somebody_asks_its_moderator(cast: Cast, ana: Browser) -> None:
    comment = cast.flagged()
    answer = ana.client.get("/desk/live", buffered=False)
    stream = answer.iter_encoded()
    assert next(stream) == b"retry: 3000\n\n"

    ben = cast.moderator("Ben")
    questions.ask(cast.database, ben, comment.id, colleague_id=cast.ids["Ana"], text="A quote?", now=cast.now)

    assert bytes(next(stream)).startswith(b"data: ")
    answer.close()


def test_streams_are_few_and_the_others_are_told_to_poll(cast: Cast) -> None:
    app: Flask = create_app(Settings(demo=True, web_threads=4), database=cast.database, queues=cast.queues)
    first, second = (Browser(app.test_client()).log_in("Ana") for _ in range(2))
    held = first.client.get("/desk/live", buffered=False)

    assert second.client.get("/desk/live").status_code == 204
    held.close()

    again = second.client.get("/desk/live", buffered=False)
    assert again.status_code == 200
    again.close()


def test_the_stream_ends_with_the_process(cast: Cast, ana: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = ana.client.get("/desk/live", buffered=False)
    stream = answer.iter_encoded()
    assert next(stream) == b"retry: 3000\n\n"

    monkeypatch.setattr(stopping, "_is_stopping", True)

    assert list(stream) == []
    answer.close()
