"""The API keys of a site at the desk: an admin makes, replaces and revokes them, and sees each once."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from moderation.sites import keys
from moderation.sites import rows as sites
from moderation.sites.keys import OF_SITES, Scope
from moderation.sites.rows import KeyRow
from tests.builders import OPERATOR
from tests.service.conftest import Caller
from tests.service.desk.browsing import SAME_ORIGIN, Browser, Page
from tests.service.desk.cast import Cast

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def dora(cast: Cast, browser: Callable[[], Browser]) -> Browser:
    return browser().log_in_as(cast, "Dora")


def keys_of(cast: Cast) -> list[KeyRow]:
    with cast.database.read() as conn:
        return sites.keys_of(conn, cast.herald.id)


def opened(cast: Cast, browser: Browser) -> Page:
    return browser.get("/desk/keys", site=cast.herald.id)


def shown(page: Page) -> str:
    """The key on the page."""
    return str(page.html.select_one(".secret")["value"])  # type: ignore[index]


def status(app: Flask, token: str) -> int:
    return Caller(app.test_client(), token).get("/v1/policy").status_code


def test_a_new_key_works_is_seen_once_and_stands_in_the_audit_trail(cast: Cast, app: Flask, dora: Browser) -> None:
    page = opened(cast, dora).press("Make a key", name="Website", scopes="read")

    token = shown(page)
    assert status(app, token) == 200
    assert Caller(app.test_client(), token).get("/v1/site").status_code == 403  # it needs another scope
    assert page.response.headers["Cache-Control"] == "no-store"
    assert token not in opened(cast, dora).response.get_data(as_text=True)
    trail = dora.get("/desk/audit", site=cast.herald.id)
    assert "Dora created the key Website" in trail.text and token not in trail.response.get_data(as_text=True)
    assert keys_of(cast)[-1].scopes == {Scope.READ}


def test_the_form_begins_with_the_scopes_of_the_command(cast: Cast, dora: Browser) -> None:
    opened(cast, dora).press("Make a key", name="All")

    assert keys_of(cast)[-1].scopes == set(OF_SITES)


@pytest.mark.parametrize(("hours", "old_status"), [("24", 200), ("0", 401)])
def test_a_replaced_key_works_for_as_long_as_asked(
    cast: Cast, app: Flask, dora: Browser, hours: str, old_status: int
) -> None:
    old = shown(opened(cast, dora).press("Make a key", name="Website"))

    new = shown(opened(cast, dora).press("Make a new key like Website", hours=hours))

    assert (status(app, old), status(app, new)) == (old_status, 200)
    before, after = keys_of(cast)[-2:]
    assert (after.name, after.scopes) == ("Website", before.scopes)


def test_a_revoked_key_ends_and_is_listed_as_ended(cast: Cast, app: Flask, dora: Browser) -> None:
    token = shown(opened(cast, dora).press("Make a key", name="Website"))

    page = opened(cast, dora).press("Revoke Website")

    assert status(app, token) == 401
    assert "1 key has ended" in page.text and not page.has_button("Revoke Website")
    assert keys_of(cast)[-1].revoked_at is not None


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ({"name": " "}, "Must be 1 to 100 printable characters."),
        ({"name": "x" * 101}, "Must be 1 to 100 printable characters."),
        ({"name": "Website", "scopes": "everything"}, "Choose what the key may do."),
        ({"name": "Website", "scopes": []}, "Choose what the key may do."),
    ],
)
def test_a_key_without_name_or_scope_is_refused_beside_its_field(
    cast: Cast, dora: Browser, typed: dict[str, str], problem: str
) -> None:
    known = keys_of(cast)

    page = opened(cast, dora).press("Make a key", **typed)

    assert page.status == 422
    assert [tag.get_text() for tag in page.html.select(".problem")] == [problem]
    assert keys_of(cast) == known


def test_another_sites_key_is_not_there_and_leads_make_none(cast: Cast, dora: Browser, ben: Browser) -> None:
    other = keys.create_key(cast.database, cast.courier.id, name="page", scopes=OF_SITES, by=OPERATOR, now=cast.now)

    for act in ("rotate", "revoke"):
        form = {"site": cast.herald.id, "hours": "24"}
        answer = dora.client.post(f"/desk/keys/{other.id}/{act}", data=form, headers=SAME_ORIGIN)
        assert answer.status_code == 404
    assert ben.post("/desk/keys", {"site": cast.herald.id, "name": "x", "scopes": "post"}).status == 403
    with cast.database.read() as conn:
        (after,) = sites.keys_of(conn, cast.courier.id)
    assert (after.revoked_at, after.expires_at) == (None, None)
