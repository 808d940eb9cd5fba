"""Places of requests that hold a thread: by site, by key, and by how long they last."""

from __future__ import annotations

import pytest

from moderation.ground.values.costs import CHEAP
from moderation.judging.text.reading_cost import MOST_PIECES
from service.web.places import KEPT, LONG, Places, length_of


def taken(places: Places, site: str, *keys: str, length: float = 0.0, tries: int = 200) -> int:
    """How many of so many tries found a place."""
    return sum(places.take(site, keys[n % len(keys)] if keys else "", length=length) for n in range(tries))


@pytest.mark.parametrize(("most", "held"), [(1, 1), (2, 1), (4, 3), (8, 5), (32, 23)])
def test_one_site_leaves_some_places_to_the_others(most: int, held: int) -> None:
    places = Places(most)

    assert taken(places, "herald", "a", "b", "c", "d") == held
    assert places.take("courier", "e") is (most > 1)


@pytest.mark.parametrize("sites", [3, 5, 7])
def test_sites_that_hold_more_than_their_part_get_none_until_all_others_have_theirs(sites: int) -> None:
    places = Places(8)
    for _ in range(20):  # the first to come takes most, and gives one back after another
        for number in range(sites):
            places.take(f"site-{number}", "a")
        places.give_back("site-0", "a")

    assert places.take("courier", "b")


def test_one_key_leaves_some_places_to_the_others_of_its_site() -> None:
    places = Places(8)

    of_key = taken(places, "herald", "in the page")

    assert of_key == 8 - 8 // KEPT - 1
    assert places.take("herald", "of the newsroom")
    assert places.take("courier", "in the page")


@pytest.mark.parametrize("sites", [1, 10, 80])
@pytest.mark.parametrize(("cost", "left"), [(CHEAP + 1, 1), (MOST_PIECES // 2, 2), (MOST_PIECES, 4), (80_000, 4)])
def test_long_requests_of_any_number_of_sites_leave_places_to_short_ones(sites: int, cost: int, left: int) -> None:
    places = Places(8)
    for number in range(80):
        places.take(f"site-{number % sites}", f"key-{number}", length=length_of(cost))

    assert 8 - places.taken >= left
    assert places.take("courier", "a", length=length_of(CHEAP))


def test_a_place_that_is_given_back_is_free_for_others() -> None:
    places = Places(2)
    with places.place("herald", "a", length=LONG) as has_place:
        assert has_place
        with places.place("herald", "a", length=LONG) as has_another:
            assert not has_another
        assert places.taken == 1

    assert places.taken == 0
    assert places.take("herald", "a", length=LONG)


def test_one_that_has_no_place_gives_none_back() -> None:
    places = Places(1)
    assert places.take("herald")
    with places.place("courier") as has_place:
        assert not has_place

    assert places.taken == 1
    places.give_back("herald")
    assert places.take("courier")
