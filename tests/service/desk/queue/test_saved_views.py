"""Saved views: names for parts of the queue, for oneself or the desk, with their counts on every page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from moderation.ground.errors import InvalidInput, NotAllowed, NotFound
from moderation.moderators.queue.desk import saved_view_rows as store
from moderation.moderators.queue.desk import saved_views
from moderation.moderators.queue.desk.saved_view_rows import SavedView
from tests.own_databases import ON_BOTH
from tests.service.desk.browsing import Browser, Page
from tests.service.desk.cast import Cast

ON_SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def links(page: Page) -> dict[str, str]:
    """The counts of the views in the navigation, by name."""
    found = {}
    for link in page.html.select("nav.views a:not(.quiet)"):
        tally = link.find("span", class_="tally")
        found[link.find("bdi").get_text()] = tally.get_text() if tally else ""  # type: ignore[union-attr]
    return found


def save(cast: Cast, name: str, query: str, *, by: str = "Ana") -> SavedView:
    return saved_views.save(cast.database, cast.moderator(by), name=name, query=query, now=cast.now)


@ON_SQLITE
def test_a_view_of_the_queue_is_saved_by_name_and_counted_on_every_page(cast: Cast, ana: Browser) -> None:
    cast.flagged("One fool.", scores={"toxicity": 0.9})
    cast.flagged("Two fools.", scores={"toxicity": 0.9})
    assert links(ana.get("/desk/review")) == {}

    page = ana.get("/desk/review", section="Economy", order="newest").press("Save", name="The economy")

    assert page.status_line.startswith("View saved: The economy")
    (link,) = page.html.select("nav.views a[aria-current]")
    assert str(link["href"]) == "/desk/review?order=newest&section=Economy"
    assert links(ana.get("/desk/history")) == {"The economy": "2"}
    part = ana.client.get("/desk/history", headers={"HX-Request": "true"}).get_data(as_text=True)
    assert 'hx-swap-oob="innerHTML:#views"' in part and "The economy" in part


@ON_SQLITE
def test_a_view_is_renamed_and_a_deleted_one_brought_back(cast: Cast, ana: Browser) -> None:
    save(cast, "Tocix", "signal=toxicity")

    page = ana.get("/desk/views").press("Rename", name="Toxic")
    assert list(links(page)) == ["Toxic"]
    page = page.press("Delete Toxic")
    assert links(page) == {}
    assert list(links(page.press("Undo"))) == ["Toxic"]
    assert ana.get("/desk/views").press("Rename", name=" ").status == 422


@ON_SQLITE
def test_a_lead_shares_a_view_with_the_desk_of_one_site(
    cast: Cast, ana: Browser, ben: Browser, browser: Callable[[], Browser]
) -> None:
    carla = browser().log_in_as(cast, "Carla")
    cast.flagged("One fool.", site=cast.courier)
    cast.flagged("Two fools.")
    save(cast, "Fools", "order=newest", by="Ben")
    assert links(ana.get("/desk/history")) == {}

    ben.get("/desk/views").press("Share with the desk", site=cast.herald.id)

    assert links(ana.get("/desk/history")) == {"Fools": "1"}
    assert links(carla.get("/desk/history")) == {}
    page = ana.get("/desk/views")
    assert "The desk" in page.text
    assert not page.has_button("Delete Fools")
    assert "Ben shared the view Fools with the desk" in ben.get("/desk/audit", site=cast.herald.id).text


@ON_BOTH
def test_only_its_owner_or_a_lead_changes_a_view(cast: Cast) -> None:
    mine = save(cast, "Mine", "order=newest")
    ana, ben, carla = (cast.moderator(name) for name in ("Ana", "Ben", "Carla"))
    db, now = cast.database, cast.now

    with pytest.raises(NotFound):
        saved_views.rename(db, ben, mine.id, "Ben's", now=now)
    with pytest.raises(NotAllowed):
        saved_views.share(db, ana, mine.id, cast.herald.id, mine.query, now=now)
    ours = save(cast, "Ours", "order=newest", by="Ben")
    saved_views.share(db, ben, ours.id, cast.herald.id, f"order=newest&site={cast.herald.id}", now=now)
    with pytest.raises(NotAllowed):
        saved_views.delete(db, ana, ours.id, now=now)
    with pytest.raises(NotFound):
        saved_views.delete(db, carla, ours.id, now=now)

    with db.read() as conn:
        assert [view.name for view in saved_views.all_for(conn, ana)] == ["Mine", "Ours"]
        assert saved_views.all_for(conn, carla) == []


def test_a_view_that_the_site_makes_too_long_is_not_shared(cast: Cast) -> None:
    query = f"section={'a' * (saved_views.MAX_QUERY_CHARS - len('section='))}"
    long = save(cast, "Long", query, by="Ben")

    with pytest.raises(InvalidInput, match="at most 1,000 characters"):
        saved_views.share(
            cast.database, cast.moderator("Ben"), long.id, cast.herald.id, f"{query}&site=x", now=cast.now
        )


@ON_BOTH
def test_there_is_room_for_so_many_and_a_deleted_one_is_forgotten_after_a_day(cast: Cast) -> None:
    db, ana = cast.database, cast.moderator("Ana")
    first, *_others = (save(cast, f"View {number}", "order=newest") for number in range(saved_views.MOST))
    with pytest.raises(InvalidInput, match="12 views already"):
        save(cast, "One too many", "order=newest")

    saved_views.delete(db, ana, first.id, now=cast.now)
    save(cast, "In its place", "order=newest")
    with pytest.raises(InvalidInput, match="12 views already"):
        saved_views.restore(db, ana, first.id, now=cast.now)

    with db.write() as conn:
        assert store.forget_deleted(conn, ana.id, before=cast.now + timedelta(seconds=1)) == 1
    with pytest.raises(NotFound):
        saved_views.restore(db, ana, first.id, now=cast.now)
