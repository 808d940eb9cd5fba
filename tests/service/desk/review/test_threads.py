"""The whole thread, unfolded in place around the comment."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from moderation.moderators.finding import thread_rows as threads
from tests.own_databases import ON_BOTH
from tests.service.desk.browsing import Browser
from tests.service.desk.cast import Cast


@pytest.fixture
def ana(browser: Callable[[], Browser], cast: Cast) -> Browser:
    return browser().log_in_as(cast, "Ana")


@ON_BOTH
def test_it_unfolds_around_the_comment_and_says_which_one_is_open(cast: Cast, ana: Browser) -> None:
    first = cast.published("First.", author="Ada")
    second = cast.published("Second.", author="Bo", parent_id=first.external_id)
    cast.published("Beside.", author="Cy", parent_id=first.external_id)
    cast.flagged("Third.", author="Di", parent_id=second.external_id)
    cast.published("Elsewhere.")
    page = ana.get(f"/desk/review/{second.id}", order="newest")

    page = page.follow("The whole thread")

    lines = page.html.select("ol.whole-thread > li")
    assert [line.select_one(".text").get_text() for line in lines] == ["First.", "Second.", "Third.", "Beside."]  # type: ignore[union-attr]
    assert [line["class"] for line in lines] == [["depth-0"], ["depth-1"], ["depth-2"], ["depth-1"]]
    assert [line.has_attr("aria-current") for line in lines] == [False, True, False, False]
    assert "order=newest" in str(page.link("Close the thread")["href"])
    assert not page.follow("Close the thread").html.select("ol.whole-thread")


def test_a_long_thread_is_cut_but_never_the_way_to_the_comment(
    cast: Cast, ana: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threads, "MOST", 3)
    parent = cast.published("0")
    for number in range(1, 6):
        parent = cast.published(str(number), parent_id=parent.external_id)
    with cast.database.read() as conn:
        first, last = threads.thread_of(conn, parent.id), threads.thread_of(conn, parent.id)

    page = ana.get(f"/desk/review/{parent.id}", thread="1")

    assert first == last and first.is_cut
    assert [line.text for line in first.lines] == ["0", "1", "2", "3", "4", "5"]
    assert "The thread is longer: these are the first 6 comments." in page.text


def test_a_comment_alone_has_no_thread(cast: Cast, ana: Browser) -> None:
    page = ana.get(f"/desk/review/{cast.published().id}")

    assert not page.html.select("#whole-thread")
