"""Published and rejected comments, which the queue's status filter shows."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from moderation.ground.database.engine import new_id
from moderation.ground.values.statuses import CommentStatus
from moderation.moderators.finding import decided_rows as decided
from moderation.moderators.queue.view_rows import QueueView
from tests.own_databases import ON_BOTH
from tests.service.desk.browsing import Browser, Page
from tests.service.desk.cast import Cast
from tests.statements import Asked, steps


def listed(page: Page) -> list[str]:
    return [" ".join(link.get_text().split()) for link in page.html.select("[aria-label=Comments] .found a[dir=auto]")]


def test_the_status_filter_leads_to_what_was_decided_and_back(cast: Cast, ana: Browser) -> None:
    cast.published("Fine.")
    cast.flagged("Bad.", scores={"toxicity": 0.99})
    cast.flagged("Waiting.")
    page = ana.get("/desk/review").press("Reject")

    rejected = page.press("Show", status="rejected")
    published = rejected.press("Show", status="published")
    waiting = published.press("Show", status="")

    assert (rejected.heading(), listed(rejected)) == ("Rejected", ["Bad."])
    assert (published.heading(), listed(published)) == ("Published", ["Fine."])
    assert "Waiting." in waiting.region("Waiting 1")


def test_escalated_ones_are_chosen_by_the_same_filter(cast: Cast, ana: Browser) -> None:
    cast.flagged("Hard to say.")
    page = ana.get("/desk/review").press("Escalate").press("Show", status="escalated")

    assert "Hard to say." in page.region("Escalated 1")
    assert page.field("Status").find("option", selected=True)["value"] == "escalated"  # type: ignore[index]


@ON_BOTH
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"section": "City"}, ["In the city."]),
        ({"language": "de"}, ["Auf Deutsch."]),
        ({"hours": "2"}, []),
        ({"signal": "toxicity", "order": "oldest"}, ["Auf Deutsch.", "In the city."]),
        ({"section": "Sport"}, []),
    ],
)
def test_the_queues_other_filters_hold_there_too(
    cast: Cast, ana: Browser, query: dict[str, str], expected: list[str]
) -> None:
    cast.published("Elsewhere.", site=cast.courier, language="de", article={"section": "City"})
    cast.published("In the city.", article_id="a-2", article={"section": "City"})
    cast.published("Auf Deutsch.", language="de")

    page = ana.get("/desk/review", status="published", **query)

    assert sorted(listed(page)) == sorted(expected)


@ON_BOTH
def test_an_authors_and_an_articles_come_in_the_order_of_posting(cast: Cast, ana: Browser, carla: Browser) -> None:
    for number in (2, 1, 3):
        comment = cast.published(f"Number {number}.", author="Mira", posted_at=cast.now - timedelta(hours=number))
    cast.published("Eli's.", author="Eli", article_id="a-2")

    for query in ({"author": comment.author_id}, {"article": comment.article_id}):
        assert listed(ana.get("/desk/decided", status="published", **query)) == ["Number 1.", "Number 2.", "Number 3."]
        assert listed(carla.get("/desk/decided", status="published", **query)) == []


@ON_BOTH
@pytest.mark.parametrize("query", [{}, {"author": "its"}, {"article": "its"}])
@pytest.mark.parametrize("looked_at", [1, 2, 3, 100])
def test_page_after_page_shows_each_once_however_short_the_stretches(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, query: dict[str, str], looked_at: int
) -> None:
    made = [cast.published(f"Number {number}.") for number in range(5)]
    cast.flagged("Waits in between.")
    made += [cast.published(f"Courier's {number}.", site=cast.courier) for number in range(1 if query else 4)]
    made += [cast.published(f"Number {number}.") for number in range(5, 7)]
    monkeypatch.setattr(decided, "LOOKED_AT", looked_at)
    where: dict[str, Any] = {f"{name}_id": getattr(made[0], f"{name}_id") for name in query}
    view = QueueView((cast.herald.id, cast.courier.id), older_than=cast.now + timedelta(hours=1), **where)

    seen, before, pages = [], None, 0
    while pages < 20:
        with cast.database.read() as conn:
            page = decided.listing(conn, view, CommentStatus.PUBLISHED, before=before, limit=3)
        seen += [found.id for found in page.found]
        before, pages = page.older, pages + 1
        if before is None:
            break

    expected = [comment.id for comment in made if not query or comment.site_id == cast.herald.id]
    assert sorted(seen) == sorted(expected)
    assert query or seen == sorted(seen, reverse=True)
    assert pages < 20


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("named", "index"),
    [
        ("", "ix_comments_site"), ("author", "ix_comments_author_listing"), ("article", "ix_comments_article_listing"),
    ],
)  # fmt: skip
def test_a_page_is_walked_off_an_index_unsorted(cast: Cast, ana: Browser, named: str, index: str) -> None:
    comment = cast.published()
    query = {named: getattr(comment, f"{named}_id")} if named else {}
    asked = Asked(cast.database)

    with asked.listening():
        ana.get("/desk/decided", status="published", before=comment.id, **query)

    pages = [(s, p) for s, p in asked.statements if s.startswith("SELECT comments.id, comments.status")]
    walks = [(s, p) for s, p in pages if decided.LOOKED_AT in (p if isinstance(p, tuple) else p.values())]
    taken = [step for statement, parameters in walks for step in steps(statement, parameters)]
    assert len(walks) == 1
    assert len(taken) == 1
    assert f"USING INDEX {index} (" in taken[0]
    assert asked.scans() == []


@ON_BOTH
def test_a_list_whose_last_comment_is_gone_begins_again(cast: Cast, ana: Browser) -> None:
    comment = cast.published("Still here.", author="Dana")

    page = ana.get("/desk/decided", status="published", author=comment.author_id, before=new_id())

    assert listed(page) == ["Still here."]
