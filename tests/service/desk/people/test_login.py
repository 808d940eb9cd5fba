from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher, extract_parameters
from flask import Flask

from moderation.ground.environment.settings import Settings
from moderation.ground.errors import NotAuthenticated
from moderation.sites import rows as sites
from moderation.sites.people import accounts
from moderation.sites.people import session_rows as session_store
from moderation.sites.people.tables import sessions
from moderation.sites.tables import moderators
from service.app import create_app
from service.passwords import hash_password
from tests.service.desk.browsing import SAME_ORIGIN, Browser
from tests.service.desk.cast import PASSWORD, Cast

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

PUBLIC = {
    "desk.login", "desk.log_in", "desk.resume", "desk.invitation", "desk.accept_invitation",
    "desk.provider_login", "desk.provider_callback", "desk.leave_provider",
}  # fmt: skip
ID = "01900000-0000-7000-8000-000000000000"


def log_in(app: Flask, **fields: str) -> tuple[int, str]:
    values = {"email": "ana@example.org", "password": PASSWORD, **fields}
    response = app.test_client().post("/desk/login", data=values, headers=SAME_ORIGIN)
    return response.status_code, response.headers.get("Location", "")


def test_logging_in_leads_to_the_page_that_was_asked_for(browser: Callable[[], Browser], cast: Cast) -> None:
    page = browser().get("/desk/history?mine=1")
    assert page.heading() == "Gavel"

    page = page.press("Log in", email="Ana@Example.org", password=PASSWORD)

    assert page.heading() == "History"


@pytest.mark.parametrize("fields", [{"password": "wrong"}, {"email": "nobody@example.org"}, {"password": ""}])
def test_a_wrong_password_and_an_unknown_person_get_the_same_answer(
    browser: Callable[[], Browser], cast: Cast, fields: dict[str, str]
) -> None:
    page = browser().get("/desk/login")

    page = page.press("Log in", **{"email": "ana@example.org", "password": "x", **fields})

    assert page.status == 401
    assert "The e-mail address or the password is wrong." in page.text


@pytest.mark.parametrize("wanted", ["https://evil.example/", "//evil.example", "/desk//evil", "/other", "/desk/\\evil"])
def test_login_never_leads_to_another_site(app: Flask, wanted: str) -> None:
    assert log_in(app, next=wanted) == (303, "/desk/review")


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(app: Flask) -> None:
    response = app.test_client().post(
        "/desk/login", data={"email": "ana@example.org", "password": PASSWORD}, headers=SAME_ORIGIN
    )

    cookie = response.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_outside_the_demo_the_cookie_is_sent_over_https_only(cast: Cast) -> None:
    app = create_app(Settings(), database=cast.database, queues=cast.queues)

    response = app.test_client().post(
        "/desk/login", data={"email": "ana@example.org", "password": PASSWORD}, headers=SAME_ORIGIN
    )

    assert response.headers["Set-Cookie"].startswith("__Host-gavel_session=")
    assert "Secure" in response.headers["Set-Cookie"]


def test_only_a_digest_of_the_session_is_stored(ana: Browser, cast: Cast) -> None:
    cookie = ana.client.get_cookie("gavel_session")
    assert cookie is not None

    with cast.database.read() as conn:
        stored = set(conn.execute(sa.select(sessions.c.digest)).scalars())

    assert stored == {accounts.digest(cookie.value)}


def test_logging_out_ends_the_session_on_the_server(ana: Browser) -> None:
    cookie = ana.client.get_cookie("gavel_session")
    assert cookie is not None
    ana.get("/desk/review").press("Log out")

    ana.client.set_cookie("gavel_session", cookie.value)

    assert ana.get("/desk/review").heading() == "Gavel"


def test_a_session_ends_after_a_shift(ana: Browser, cast: Cast) -> None:
    cookie = ana.client.get_cookie("gavel_session")
    assert cookie is not None
    end = cast.now + timedelta(hours=accounts.SESSION_HOURS, minutes=5)

    with pytest.raises(NotAuthenticated):
        accounts.who_is(cast.database, cookie.value, now=end)


def stored_hash(cast: Cast) -> str:
    with cast.database.read() as conn:
        return str(
            conn.execute(sa.select(moderators.c.password_hash).where(moderators.c.id == cast.ids["Ana"])).scalar()
        )


def store_hash(cast: Cast, password_hash: str) -> None:
    with cast.database.write() as conn:
        conn.execute(moderators.update().where(moderators.c.id == cast.ids["Ana"]).values(password_hash=password_hash))


def test_a_hash_with_old_settings_is_made_anew_at_login(app: Flask, cast: Cast) -> None:
    store_hash(cast, weak := PasswordHasher(time_cost=1, memory_cost=1024).hash(PASSWORD))

    assert log_in(app, password="wrong")[0] == 401
    after_a_wrong_one = stored_hash(cast)
    assert log_in(app)[0] == 303
    renewed = stored_hash(cast)

    assert after_a_wrong_one == weak
    assert extract_parameters(renewed) == extract_parameters(hash_password(PASSWORD))
    assert log_in(app)[0] == 303
    assert stored_hash(cast) == renewed


def test_a_password_that_changed_meanwhile_keeps_its_own_hash(cast: Cast) -> None:
    with cast.database.read() as conn:
        ana = sites.find_moderator(conn, email="ana@example.org")
    assert ana is not None
    store_hash(cast, changed := hash_password("another good passphrase"))

    accounts.renew_hash(cast.database, ana, hash_password(PASSWORD))

    assert stored_hash(cast) == changed


def test_ending_all_sessions_ends_every_one(ana: Browser, cast: Cast) -> None:
    with cast.database.write() as conn:
        session_store.end_all_sessions(conn, cast.ids["Ana"])

    assert ana.get("/desk/review").heading() == "Gavel"


def test_a_disabled_moderator_is_out_at_once(ana: Browser, cast: Cast) -> None:
    with cast.database.write() as conn:
        conn.execute(moderators.update().where(moderators.c.id == cast.ids["Ana"]).values(disabled_at=cast.now))

    assert ana.get("/desk/review").heading() == "Gavel"


def test_every_page_but_the_login_needs_one(app: Flask) -> None:
    client = app.test_client()
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("desk.")]
    assert len(rules) > 10

    for rule in rules:
        if rule.endpoint in PUBLIC:
            continue
        path = rule.rule
        for argument in rule.arguments:
            for kind, value in (("uuid:", ID), ("path:", "x"), ("int:", "1"), ("int(max=999999999):", "1"), ("", "x")):
                path = path.replace(f"<{kind}{argument}>", value)
        method = "POST" if "POST" in (rule.methods or ()) else "GET"
        response = client.open(path, method=method, headers=SAME_ORIGIN)
        assert (rule.endpoint, response.status_code) == (rule.endpoint, 303)
        assert response.headers["Location"].startswith("/desk/login")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "https://evil.example"},
    ],
)
def test_a_form_from_elsewhere_changes_nothing(cast: Cast, ana: Browser, headers: dict[str, str]) -> None:
    comment = cast.flagged()

    response = ana.client.post(
        f"/desk/comments/{comment.id}/decisions", data={"choice": "approve", "version": "2"}, headers=headers
    )

    assert response.status_code == 403
    assert comment.id in ana.get("/desk/review").path


def test_a_browser_that_sends_only_the_origin_is_served(app: Flask) -> None:
    response = app.test_client().post(
        "/desk/login",
        data={"email": "ana@example.org", "password": PASSWORD},
        headers={"Origin": "http://localhost"},
    )

    assert response.status_code == 303


@pytest.mark.parametrize("path", ["/desk/login", "/desk/review", "/desk/nothing-here"])
def test_every_page_forbids_foreign_scripts_and_frames(ana: Browser, path: str) -> None:
    headers = ana.get(path).response.headers

    assert headers["Content-Security-Policy"].startswith("default-src 'self';")
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"


def test_htmx_loads_a_whole_page_to_log_in(app: Flask) -> None:
    response = app.test_client().get("/desk/review", headers={"HX-Request": "true"})

    assert response.status_code == 401
    assert response.headers["HX-Redirect"].startswith("/desk/login")


def test_an_unknown_page_is_a_page(ana: Browser) -> None:
    page = ana.get("/desk/nothing-here")

    assert page.status == 404
    assert page.response.mimetype == "text/html"


def test_settings_are_kept(ana: Browser) -> None:
    ana.get("/desk/help").press("Save", show_words="1")

    assert ana.get("/desk/help").field("Always show hidden words").has_attr("checked")
    assert not ana.get("/desk/help").field("Switch single-letter keys off").has_attr("checked")


@pytest.mark.parametrize("wanted", ["/desk/review\r\nSet-Cookie: a=b", "/desk/\n", "/desk/\x7f"])
def test_a_line_break_leads_nowhere(app: Flask, wanted: str) -> None:
    assert log_in(app, next=wanted) == (303, "/desk/review")


@pytest.mark.parametrize(
    ("base_url", "headers", "is_told"),
    [
        ("http://gavel.internal:8000", {}, True),
        ("http://10.0.0.5:8000", {}, True),
        ("https://paper.example", {}, False),
        ("http://gavel.internal:8000", {"Sec-Fetch-Site": "none"}, False),  # a proxy that says nothing of its TLS
        ("http://localhost:8000", {}, False),
        ("http://127.0.0.1:8000", {}, False),
        ("http://[::1]:8000", {}, False),
    ],
)
def test_over_plain_http_the_page_says_why_nobody_can_log_in(
    cast: Cast, base_url: str, headers: dict[str, str], is_told: bool
) -> None:
    app = create_app(Settings(), database=cast.database, queues=cast.queues)

    text = app.test_client().get("/desk/login", base_url=base_url, headers=headers).get_data(as_text=True)

    assert ("you cannot log in here" in text) is is_told


def test_a_demo_says_nothing_of_plain_http(app: Flask) -> None:
    text = app.test_client().get("/desk/login", base_url="http://10.0.0.5").get_data(as_text=True)

    assert "plain http" not in text
