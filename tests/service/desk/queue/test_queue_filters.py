from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from moderation.moderators.queue import filter_rows as queue_filters
from moderation.moderators.queue import rows as queue
from moderation.moderators.queue.view_rows import QueueView
from tests.own_databases import ON_BOTH
from tests.service.desk.browsing import Browser, Page
from tests.service.desk.cast import Cast
from tests.statements import WALK, Asked, steps

OFF_TOPIC = {"toxicity": 0.1, "insult": 0.0, "relevance": 0.01}


def offered(page: Page, label: str) -> list[str]:
    return [" ".join(option.get_text().split()) for option in page.field(label).find_all("option")]


def test_each_choice_says_how_many_wait(cast: Cast, browser: Callable[[], Browser]) -> None:
    cast.flagged("You fool.", language="en")
    cast.flagged("Sie Narr.", language="de", article_id="a-2", article={"section": "City"})
    cast.flagged("Buy my shoes.", language="en", scores=OFF_TOPIC)
    cast.published("Fine.", article_id="a-3", article={"section": "Sport"})
    cast.flagged("Elsewhere, you fool.", site=cast.courier, article={"section": "Travel"})

    page, both = browser().log_in("Ana").get("/desk/review"), browser().log_in("Ben").get("/desk/review")

    assert offered(page, "Flagged for") == ["Anything", "Relevance (1)", "Toxicity (2)"]
    assert offered(page, "Section") == ["All sections", "City (1)", "Economy (2)"]
    assert offered(page, "Language") == ["All languages", "English (2)", "German (1)"]
    assert offered(page, "Status") == ["Waiting (3)", "Escalated (0)", "Published", "Rejected"]
    assert offered(both, "Site") == ["All sites", "The Courier (1)", "The Herald (3)"]
    assert "Travel (1)" in offered(both, "Section")


@ON_BOTH
def test_the_language_is_the_one_that_the_comment_is_judged_in(cast: Cast, browser: Callable[[], Browser]) -> None:
    cast.flagged("Du Narr.", found_in="de")
    cast.flagged("Sie Narr.", language="de-AT", found_in="de")
    cast.flagged("You fool.", language="de", found_in="en")
    cast.flagged("???", found_in="und")

    page = browser().log_in_as(cast, "Ana").get("/desk/review", language="DE-at")

    assert offered(page, "Language") == ["All languages", "English (1)", "German (2)", "Language not clear (1)"]
    assert page.field("Language").find("option", selected=True)["value"] == "de"  # type: ignore[index]
    assert "2" in page.region("Waiting 2")
    assert "You fool." not in page.region("Waiting 2")


@ON_BOTH
def test_a_chosen_filter_stays_chosen_even_if_nothing_waits_there(cast: Cast, ana: Browser) -> None:
    cast.flagged()

    page = ana.get("/desk/review", section="Sport", signal="threat")

    assert "Sport (0)" in offered(page, "Section")
    assert page.field("Section").find("option", selected=True)["value"] == "Sport"  # type: ignore[index]
    assert page.field("Flagged for").find("option", selected=True)["value"] == "threat"  # type: ignore[index]


@ON_BOTH
def test_others_of_the_author_and_on_the_article_are_a_link_away_and_the_way_back_too(cast: Cast, ana: Browser) -> None:
    cast.flagged("One.", author="Dana", scores={"toxicity": 0.99})
    cast.flagged("Two.", author="Dana", article_id="a-2", article={"title": "The tram"})
    cast.flagged("Three.", author="Eli")
    page = ana.get("/desk/review", order="toxicity")
    assert "Also waiting: 1 by this author , 1 on this article" in page.text

    theirs = page.follow("1 by this author")

    assert "Author Dana" in theirs.region("Waiting 2")
    assert "Three." not in theirs.region("Waiting 2")
    assert "Three." in theirs.follow("All of every author").region("Waiting 3")


def test_the_name_of_another_sites_author_is_not_shown(cast: Cast, carla: Browser) -> None:
    cast.flagged(author="Dana")
    with cast.database.read() as conn:
        author_id = conn.exec_driver_sql("SELECT id FROM authors").scalar()

    page = carla.get("/desk/review", author=_dashed(author_id))

    assert "Author unknown" in page.text
    assert "Dana" not in page.text


@ON_BOTH
@pytest.mark.parametrize("filter", ["article", "section", "signal"])
def test_a_view_that_names_nobodys_id_is_a_view_like_any_other(cast: Cast, ana: Browser, filter: str) -> None:
    comment = cast.flagged()

    page = ana.get(f"/desk/review/{comment.id}", **{filter: str(UUID(int=0))})

    assert page.status == 200


def test_a_choice_is_counted_no_further_than_asked(cast: Cast) -> None:
    for number in range(4):
        cast.flagged(f"Fool {number}.")
    view = QueueView((cast.herald.id,))

    with cast.database.read() as conn:
        found = queue_filters.waiting_by(conn, view, at_most=3)

    assert found["section"] == [queue_filters.FilterCount("Economy", 3)]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_choices_are_found_by_stepping_along_an_index(cast: Cast) -> None:
    cast.flagged()
    asked = Asked(cast.database)

    with asked.listening(), cast.database.read() as conn:
        queue_filters.waiting_by(conn, QueueView((cast.herald.id, cast.courier.id)), at_most=3)

    taken = [step for statement, parameters in asked.statements for step in steps(statement, parameters)]
    for column in queue_filters.COLUMNS.values():
        assert sum(f"{column.name}>?" in step for step in taken) == 1
        assert sum(f"{column.name}=?" in step for step in taken) == 1
    assert not any(WALK.search(step) for step in taken)


@ON_BOTH
def test_authors_and_ages_share_the_statements_of_a_view(cast: Cast) -> None:
    comments = {name: cast.flagged(f"{name}, you fool.", author=name) for name in ("Dana", "Eli")}
    now = datetime.now(UTC)
    queue._lines.cache_clear()

    found = {}
    with cast.database.read() as conn:
        for name, comment in comments.items():
            view = QueueView((cast.herald.id,), author_id=comment.author_id, older_than=now + timedelta(hours=1))
            lines = queue.page(conn, view, now=now, after=None, limit=5)
            found[name] = ([line.author_name for line in lines], queue.count(conn, view, at_most=5))
        older = QueueView((cast.herald.id,), author_id=comments["Eli"].author_id, older_than=now - timedelta(hours=1))
        assert queue.page(conn, older, now=now, after=None, limit=5) == []

    assert found == {"Dana": (["Dana"], 1), "Eli": (["Eli"], 1)}
    assert queue._lines.cache_info().misses == 1


def test_two_authors_cannot_be_counted_in_one_statement(cast: Cast) -> None:
    views = [QueueView((cast.herald.id,), author_id=author) for author in ("a", "b")]

    with cast.database.read() as conn, pytest.raises(ValueError, match="by_author"):
        queue.counts(conn, views, at_most=5)


def _dashed(id: object) -> str:
    hexed = str(id).replace("-", "")
    return "-".join((hexed[:8], hexed[8:12], hexed[12:16], hexed[16:20], hexed[20:]))
