"""Guessing passwords is slowed down, and nobody is shut out by somebody else's guesses. On both databases."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from moderation.ground.errors import LoginThrottled, NotAuthenticated
from moderation.sites.people import accounts, throttle
from moderation.sites.people.tables import login_failures
from service.passwords import password_matches
from tests.own_databases import ON_BOTH
from tests.service.desk.browsing import SAME_ORIGIN
from tests.service.desk.cast import PASSWORD, Cast

HOME, STRANGER = "192.0.2.1", "203.0.113.9"


class Door:
    """Tries to log in at moments that a test names, and counts the passwords that were looked at."""

    def __init__(self, cast: Cast) -> None:
        self.cast, self.now = cast, cast.now
        self.looked_at = 0

    def tries(self, password: str = "guess", *, who: str = "ana@example.org", where: str = STRANGER) -> str:
        def verify(_hash: str | None, given: str) -> bool:
            self.looked_at += 1
            return given == PASSWORD and _hash is not None

        try:
            accounts.log_in(
                self.cast.database, email=who, password=password, address=where, verify=verify, now=self.now
            )
        except NotAuthenticated:
            return "wrong"
        except LoginThrottled:
            return "throttled"
        return "in"

    def pass_time(self, **more: float) -> None:
        self.now += timedelta(**more)


@pytest.fixture
def door(cast: Cast) -> Door:
    return Door(cast)


@ON_BOTH
def test_five_guesses_from_one_address_are_too_many(door: Door) -> None:
    tried = [door.tries() for _ in range(throttle.FAILURES_PER_PAIR + 2)]

    assert tried == ["wrong"] * throttle.FAILURES_PER_PAIR + ["throttled"] * 2
    assert door.looked_at == throttle.FAILURES_PER_PAIR


def test_the_right_password_waits_too_and_waits_double_each_time(door: Door) -> None:
    for _ in range(throttle.FAILURES_PER_PAIR):
        door.tries()

    door.pass_time(seconds=14)
    assert door.tries(PASSWORD) == "throttled"
    door.pass_time(seconds=2)
    assert door.tries() == "wrong"
    door.pass_time(seconds=29)
    assert door.tries(PASSWORD) == "throttled"
    door.pass_time(seconds=2)
    assert door.tries(PASSWORD) == "in"


def test_a_stranger_who_tries_unknown_people_shuts_nobody_out_elsewhere(door: Door) -> None:
    tried = [door.tries(who=f"person{n}@example.org") for n in range(throttle.FAILURES_PER_ADDRESS + 5)]

    assert tried[-1] == "throttled"
    assert door.tries(PASSWORD, where=HOME) == "in"


def test_nor_at_an_address_that_they_share_with_somebody_who_logged_in_from_there(door: Door) -> None:
    """Without TRUSTED_PROXIES everybody behind a proxy has its address: moderators still get in."""
    door.tries(PASSWORD, where=HOME)

    for n in range(throttle.FAILURES_PER_ADDRESS + 5):
        door.tries(who=f"person{n}@example.org", where=HOME)

    assert door.tries("guess", who="ben@example.org", where=HOME) == "throttled"
    assert door.tries(PASSWORD, where=HOME) == "in"


def test_strangers_guesses_do_not_shut_the_owner_out_where_they_logged_in_before(door: Door) -> None:
    door.tries(PASSWORD, where=HOME)

    for n in range(40):
        door.tries(where=f"203.0.113.{n}")

    assert door.tries(PASSWORD, where=HOME) == "in"
    assert door.tries(PASSWORD, where="198.51.100.1") == "throttled"  # nobody knows that it is not one more stranger


def test_many_addresses_that_guess_at_one_account_are_slowed_down_together(door: Door) -> None:
    tried = Counter(door.tries(where=f"203.0.113.{n}") for n in range(100))

    assert tried == {"wrong": throttle.FAILURES_PER_ACCOUNT, "throttled": 100 - throttle.FAILURES_PER_ACCOUNT}


def test_an_address_is_known_for_half_a_year_and_for_one_moderator(door: Door) -> None:
    door.tries(PASSWORD, where=HOME)

    for n in range(40):
        door.tries(where=f"203.0.113.{n}")
        door.tries(who="ben@example.org", where=f"203.0.113.{n}")

    assert door.tries(PASSWORD, who="ben@example.org", where=HOME) == "throttled"
    door.pass_time(days=181)
    for n in range(40):
        door.tries(where=f"203.0.113.{n}")
    assert door.tries(PASSWORD, where=HOME) == "throttled"


def test_an_ipv6_network_is_one_address(door: Door) -> None:
    tried = [door.tries(where=f"2001:db8:1:2::{n:x}") for n in range(throttle.FAILURES_PER_PAIR + 1)]

    assert tried[-1] == "throttled"
    assert door.tries(PASSWORD, where="2001:db8:1:3::1") == "in"


def test_logging_in_counts_as_no_failure(door: Door) -> None:
    assert {door.tries(PASSWORD) for _ in range(60)} == {"in"}


def test_what_is_long_past_is_not_kept(door: Door) -> None:
    door.tries(who="nobody@example.org")
    door.pass_time(minutes=16)
    door.tries(PASSWORD, where=HOME)

    with door.cast.database.read() as conn:
        kept = set(conn.execute(sa.select(login_failures.c.who)).scalars())

    assert kept == {"address:192.0.2.1", "email:ana@example.org"}


@ON_BOTH
@pytest.mark.parametrize("who", ["ana@example.org", "nobody@example.org"])
def test_of_a_hundred_guesses_at_once_five_are_looked_at(cast: Cast, who: str) -> None:
    door = Door(cast)

    with ThreadPoolExecutor(20) as pool:
        tried = Counter(pool.map(lambda _: door.tries(who=who), range(100)))

    assert tried == {"wrong": throttle.FAILURES_PER_PAIR, "throttled": 100 - throttle.FAILURES_PER_PAIR}
    assert door.looked_at == throttle.FAILURES_PER_PAIR


@ON_BOTH
def test_of_a_hundred_requests_at_once_five_are_looked_at(app: Flask) -> None:
    """The same over HTTP with real hashes, as it was found."""

    def post(_number: int) -> int:
        fields = {"email": "ana@example.org", "password": "guess"}
        return app.test_client().post("/desk/login", data=fields, headers=SAME_ORIGIN).status_code

    with ThreadPoolExecutor(20) as pool:
        statuses = Counter(pool.map(post, range(100)))

    assert statuses == {401: throttle.FAILURES_PER_PAIR, 429: 100 - throttle.FAILURES_PER_PAIR}


@ON_BOTH
def test_two_moderators_who_log_in_at_once_from_one_address_both_get_in(cast: Cast) -> None:
    def log_in(name: str) -> str:
        return accounts.log_in(
            cast.database,
            email=f"{name}@example.org",
            password=PASSWORD,
            address=HOME,
            verify=password_matches,
            now=cast.now,
        ).moderator.name

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(log_in, ["ana", "ben", "carla", "dora"])) == ["Ana", "Ben", "Carla", "Dora"]
