"""Watched articles, the state of an article at the desk, and notices of what gets several times its usual."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest

from moderation.ground.errors import InvalidInput, NotAllowed, NotFound
from moderation.ground.values.articles import ArticleState
from moderation.moderators.queue import surges, watching
from moderation.moderators.queue import watched_rows as watched
from moderation.moderators.queue.surge_rows import NewestArrivals
from moderation.moderators.queue.surges import ARTICLE_FROM, AUTHOR_FROM
from moderation.moderators.queue.watched_rows import Watched
from moderation.spine.articles import rows as articles
from moderation.spine.articles import states as article_states
from service.desk.queue.articles import LISTED
from tests.builders import OPERATOR
from tests.own_databases import ON_BOTH
from tests.service.desk.browsing import Browser, Page
from tests.service.desk.cast import Cast
from tests.statements import Asked, steps

ON_SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def stars(page: Page) -> list[str]:
    """The lines of the watched articles."""
    return [" ".join(tag.get_text(" ").split()) for tag in page.html.select(".queue header .watched > li > a")]


def newest(page: Page) -> list[str]:
    """The texts of the comments below the watched articles."""
    return [" ".join(tag.get_text(" ").split()) for tag in page.html.select(".watched details .excerpt")]


@ON_SQLITE
def test_a_watched_article_has_its_count_over_the_queue(cast: Cast, ana: Browser) -> None:
    comment = cast.flagged()
    cast.flagged()
    assert stars(ana.get("/desk/review")) == []

    page = ana.get(f"/desk/review/{comment.id}").press("☆ Watch")

    assert comment.id in page.path
    assert stars(page) == ["★ Export licences for rare earths 2"]
    assert str(page.html.select(".watched a")[0]["href"]) == f"/desk/review?article={comment.article_id}"
    assert stars(page.press("★ Watched")) == []


@ON_SQLITE
def test_a_watched_article_lists_its_newest_comments(cast: Cast, ana: Browser) -> None:
    listed = [
        cast.flagged(f"Number {number}.", now=cast.now + timedelta(minutes=number)) for number in range(LISTED + 1)
    ]
    cast.flagged("Elsewhere.", article_id="a-2", now=cast.now + timedelta(hours=1))
    watching.watch(cast.database, cast.moderator("Ana"), listed[0].article_id, now=cast.now)

    page = ana.get("/desk/review")

    assert newest(page) == ["Number 3.", "Number 2.", "Number 1."]
    (address, *_others) = [str(link["href"]) for link in page.html.select(".watched details a")]
    page = ana.get(address)
    assert listed[-1].id in page.path
    assert "Elsewhere." not in page.region("Waiting 4")


@ON_SQLITE
def test_the_newest_of_each_watched_article_come_from_its_own_index(cast: Cast) -> None:
    comment, other = cast.flagged(), cast.flagged(article_id="a-2")
    asked = Asked(cast.database)

    with asked.listening(), cast.database.read() as conn:
        articles = [Watched(each.article_id, each.site_id, "") for each in (comment, other)]
        newest = watched.newest_waiting(conn, articles, limit=1)
        counts = watched.count_waiting(conn, articles, at_most=9)

    assert {id: [each.id for each in found] for id, found in newest.items()} == {
        comment.article_id: [comment.id],
        other.article_id: [other.id],
    }
    assert counts == {comment.article_id: 1, other.article_id: 1}
    assert len(asked.statements) == 2
    for statement in asked.statements:
        taken = [step for step in steps(*statement) if "INDEX" in step and "comments" in step]
        assert ["ix_comments_queue_article" in step for step in taken] == [True, True]


def test_only_articles_of_ones_own_sites_are_watched_and_so_many(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    db, ana, carla = cast.database, cast.moderator("Ana"), cast.moderator("Carla")
    comment = cast.flagged()
    with pytest.raises(NotFound):
        watching.watch(db, carla, comment.article_id, now=cast.now)

    watching.watch(db, ana, comment.article_id, now=cast.now)
    watching.watch(db, ana, comment.article_id, now=cast.now)

    with db.read() as conn:
        assert [each.article_id for each in watched.watched_by(conn, ana.id, tuple(ana.roles), limit=9)] == [
            comment.article_id
        ]
        mine = watched.watched_by(conn, ana.id, tuple(ana.roles), limit=9)
        waiting = watched.newest_waiting(conn, mine, limit=9)
        assert [(each.id, each.author_name) for each in waiting[comment.article_id]] == [(comment.id, "Dana")]
    monkeypatch.setattr(watching, "MOST", 1)
    other = cast.flagged(article_id="a-2")
    with pytest.raises(InvalidInput, match="take one off"):
        watching.watch(db, ana, other.article_id, now=cast.now)


@ON_SQLITE
def test_a_lead_closes_an_article_and_a_moderator_does_not(cast: Cast, ana: Browser, ben: Browser) -> None:
    article = cast.flagged().article_id
    assert "Only leads can change this" in ana.get(f"/desk/articles/{article}").text
    with pytest.raises(NotAllowed):
        article_states.set_state(cast.database, cast.moderator("Ana"), article, ArticleState.CLOSED, now=cast.now)

    page = ben.get(f"/desk/articles/{article}").press("Save", state="closed")

    assert page.html.select("input[value=closed]")[0].has_attr("checked")
    assert "Ben closed the article" in ben.get("/desk/audit", site=cast.herald.id).text


@ON_BOTH
@pytest.mark.parametrize(
    ("acts", "state"),
    [
        (["site open", "desk closed", "site open"], "closed"),
        (["site open", "desk closed", "site open", "site premoderated"], "premoderated"),
        (["site open", "desk closed", "site premoderated", "site open"], "open"),
        (["site open", "desk closed", "site closed", "site open"], "open"),
        (["site open", "desk closed", "desk premoderated", "site open"], "premoderated"),
        (["site premoderated", "desk open", "site premoderated"], "open"),
        (["site open", "desk closed", "desk open", "site closed"], "closed"),
        (["site open", "desk closed", "desk open", "site open"], "open"),
        (["desk closed", "site open"], "closed"),
    ],
)
def test_a_state_set_at_the_desk_stays_until_the_site_changes_its_own(cast: Cast, acts: list[str], state: str) -> None:
    article, ben = cast.flagged(article_id="a-1").article_id, cast.moderator("Ben")

    for by, wanted in map(str.split, acts):
        if by == "site":
            described = {"title": "Ferry stops", "state": ArticleState(wanted)}
            article_states.describe(cast.database, cast.herald.id, "a-1", described, by=OPERATOR, now=cast.now)
        else:
            article_states.set_state(cast.database, ben, article, ArticleState(wanted), now=cast.now)

    with cast.database.read() as conn:
        assert articles.get_article(conn, cast.herald.id, "a-1").state == state


@ON_SQLITE
def test_the_page_of_an_article_shows_the_sites_own_setting_where_it_differs(cast: Cast, ben: Browser) -> None:
    article = cast.flagged().article_id
    assert "The site has another setting" not in ben.get(f"/desk/articles/{article}").text

    closed = ben.get(f"/desk/articles/{article}").press("Save", state="closed")

    assert "The site has another setting: Open: comments are judged by the policy." in closed.text
    assert "The site has another setting" not in closed.press("Save", state="open").text


def look(cast: Cast) -> list[tuple[str, int, int]]:
    with cast.database.read() as conn:
        return [(s.kind, s.count, s.times) for s in surges.look(conn, [cast.herald.id], cast.now)]


def test_an_article_with_several_times_what_others_get_is_noticed(cast: Cast) -> None:
    for number in range(ARTICLE_FROM - 1):
        cast.waiting(f"One {number}.", author=f"A{number}")
    assert look(cast) == []

    cast.waiting("One more.", author="Zed")

    assert look(cast) == [("article", ARTICLE_FROM, 0)]
    for number in range(6):  # another is as busy: that is the usual of this hour
        cast.waiting(f"Other {number}.", author=f"B{number}", article_id="a-2")
    assert look(cast) == []


@ON_SQLITE
def test_an_article_with_several_times_its_own_usual_is_noticed(cast: Cast) -> None:
    before = cast.now - timedelta(hours=3)
    article = [cast.waiting(f"Old {n}.", author=f"A{n}", now=before) for n in range(24)][-1].article_id
    arrivals = NewestArrivals(Counter({article: ARTICLE_FROM}), Counter())

    def found() -> list[int]:
        with cast.database.read() as conn:
            return [surge.times for surge in surges.of_articles(conn, cast.herald.id, arrivals, cast.now)]

    assert found() == [ARTICLE_FROM]  # times one an hour
    for number in range(24, 130):
        cast.waiting(f"Old {number}.", author=f"A{number}", now=before)
    assert found() == []


@ON_BOTH
def test_an_author_with_several_times_their_usual_is_noticed(cast: Cast) -> None:
    for number in range(AUTHOR_FROM):
        cast.waiting(f"By Ann {number}.", author="Ann", article_id=f"a-{number}")

    assert look(cast) == [("author", AUTHOR_FROM, 0)]


@ON_SQLITE
def test_the_queue_tells_of_a_surge_and_what_to_do(cast: Cast, browser: Callable[[], Browser]) -> None:
    ana, ben = (browser().log_in_as(cast, name) for name in ("Ana", "Ben"))
    for number in range(ARTICLE_FROM - 1):
        cast.waiting(f"One {number}.", author=f"A{number}")
    cast.flagged()

    page = ben.get("/desk/review")
    (notice,) = page.html.select("#above-queue .surge")
    assert f"{ARTICLE_FROM} comments in the last hour" in " ".join(notice.get_text(" ").split())
    assert page.has_button("Premoderate") and page.has_button("Close")
    assert not ana.get("/desk/review").has_button("Close")

    page = page.press("Premoderate")
    assert page.html.select("input[value=premoderated]")[0].has_attr("checked")


@ON_SQLITE
def test_looking_for_surges_walks_no_table(cast: Cast) -> None:
    for number in range(ARTICLE_FROM):
        cast.waiting(f"One {number}.", author="Ann")
    asked = Asked(cast.database)

    with asked.listening():
        assert len(look(cast)) == 2

    assert len(asked.statements) >= 5
    assert asked.scans() == []
