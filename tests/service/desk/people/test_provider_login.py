"""Logging in at the desk with a provider that a test controls: the way there and back, and the attacks on it."""

from __future__ import annotations

import json
import logging
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
import sqlalchemy as sa
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from moderation.ground.environment.group_roles import parse_group_roles
from moderation.ground.environment.settings import Settings
from moderation.sites.people import accounts, identities, moderators
from moderation.sites.people.identities import LoginRefusal
from moderation.sites.people.roles import Role
from moderation.sites.people.tables import provider_logins
from moderation.sites.rows import find_moderator
from service.app import create_app
from service.desk.people.provider_login import PROBLEMS, REFUSALS
from service.openid.problems import ProblemKind
from tests.service.desk.browsing import SAME_ORIGIN, Browser, Page
from tests.service.desk.cast import PASSWORD, Cast
from tests.service.openid.hostile import Hostile, rsa_key

CALLBACK = "/desk/login/callback"
SECRET = "the secret of gavel"


@pytest.fixture
def provider() -> Iterator[Hostile]:
    hostile = Hostile()
    hostile.claims = {"groups": ["newsroom"]}
    yield hostile
    hostile.close()


@pytest.fixture
def settings(provider: Hostile) -> Settings:
    return Settings(
        demo=True,
        oidc_issuer=provider.issuer,
        oidc_client_id="gavel",
        oidc_client_secret=SECRET,
        oidc_name="Newsroom ID",
        oidc_roles=parse_group_roles("newsroom=moderator@The Herald; bosses=admin@*"),
        oidc_allow_private=True,
    )


@pytest.fixture
def app(cast: Cast, settings: Settings) -> Flask:
    return create_app(settings, database=cast.database, queues=cast.queues)


def another(app: Flask, cast: Cast, settings: Settings, **changes: Any) -> Flask:
    return create_app(replace(settings, **changes), database=cast.database, queues=cast.queues)


def begin(client: FlaskClient, provider: Hostile, path: str = "/desk/login/provider") -> dict[str, str]:
    """Goes to the provider, which takes the nonce. The query with which it sends the browser back."""
    answer = client.get(path)
    assert answer.status_code == 303, answer.text
    return at_provider(answer.headers["Location"], provider)


def at_provider(address: str, provider: Hostile) -> dict[str, str]:
    assert address.startswith(f"{provider.issuer}/auth?")
    query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    assert query["redirect_uri"] == f"http://localhost{CALLBACK}"
    provider.nonce = query["nonce"]
    return {"code": "c-1", "state": query["state"]}


def back(client: FlaskClient, query: dict[str, str]) -> TestResponse:
    return client.get(CALLBACK, query_string=query)


def log_in(client: FlaskClient, provider: Hostile, next: str = "") -> TestResponse:
    return back(client, begin(client, provider, f"/desk/login/provider?next={next}"))


def is_in(client: FlaskClient) -> bool:
    return client.get("/desk/review").status_code == 200 or "/desk/comments/" in client.get("/desk/review").location


def trail_of_herald(app: Flask, cast: Cast) -> str:
    page = Browser(app.test_client()).log_in_as(cast, "Dora").get("/desk/audit", site=cast.herald.id)
    return page.text.replace(" .", ".").replace(" ,", ",")


def shown(answer: TestResponse) -> str:
    """The alert on the login page."""
    alert = BeautifulSoup(answer.text, "html.parser").find(id="problem")
    return " ".join(alert.get_text(" ").split()) if alert else ""


def test_a_person_of_a_group_comes_in_and_to_the_page_that_they_wanted(
    app: Flask, cast: Cast, provider: Hostile
) -> None:
    client = app.test_client()
    assert "Log in with Newsroom ID" in client.get("/desk/login").text

    answer = log_in(client, provider, "/desk/history?mine=1")

    assert (answer.status_code, answer.location) == (303, "/desk/history?mine=1")
    page = Browser(client).get("/desk/account")
    assert page.heading() == "Your account"
    assert "fay@example.org" in page.text
    assert not page.has_button("Change password") and not page.has_button("Turn it on")
    assert "Connected: you can log in with Newsroom ID." in page.text
    trail = trail_of_herald(app, cast)
    assert f"Fay came from {provider.issuer} for the first time, and Gavel made an account." in trail
    assert "The groups of Fay give them the role moderator." in trail


def test_a_lowered_role_counts_at_once_in_older_sessions_too(app: Flask, cast: Cast, provider: Hostile) -> None:
    provider.claims = {"groups": ["bosses"]}
    older, newer = app.test_client(), app.test_client()
    log_in(older, provider)
    assert older.get("/desk/people").status_code == 200

    provider.claims = {"groups": ["newsroom"]}
    log_in(newer, provider)

    assert older.get("/desk/people").status_code == 403


def test_without_a_group_any_more_the_person_is_out_everywhere(app: Flask, provider: Hostile) -> None:
    client = app.test_client()
    log_in(client, provider)
    assert is_in(client)

    provider.claims = {"groups": []}
    answer = log_in(app.test_client(), provider)

    assert answer.status_code == 403
    assert shown(answer) == (
        "You are in no group at Newsroom ID that may moderate here. Ask the people who run it to add you."
    )
    assert client.get("/desk/review").location.startswith("/desk/login")


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example/", "//evil.example", "/desk//evil", "/other", "/desk/\\evil",
        "/desk/%0d%0aSet-Cookie:a=b", "javascript:alert(1)", "/desk/" + "x" * 3000,
    ],
)  # fmt: skip
def test_the_login_leads_to_no_other_site(app: Flask, provider: Hostile, wanted: str) -> None:
    assert log_in(app.test_client(), provider, wanted).location == "/desk/review"


def test_the_answer_to_another_browser_logs_nobody_in(app: Flask, provider: Hostile) -> None:
    """Login CSRF: an attacker's code and state in a victim's browser, which has begun nothing or a login of its own."""
    attacker, victim = app.test_client(), app.test_client()
    query = begin(attacker, provider)

    first = back(victim, query)
    begin(victim, provider)
    second = back(victim, query)

    for answer in (first, second):
        assert answer.status_code == 400
        assert shown(answer).startswith("This login began in another browser")
    assert not is_in(victim)
    assert "/token" not in provider.paths()
    assert back(attacker, query).status_code == 403  # its nonce is not the newest, and its state was left to it


@pytest.mark.parametrize("change", [{"state": ""}, {"state": "x"}, {"state": None}])
def test_a_state_of_nobody_is_refused(app: Flask, provider: Hostile, change: dict[str, Any]) -> None:
    client = app.test_client()
    query = {**begin(client, provider), **change}

    answer = back(client, {name: value for name, value in query.items() if value is not None})

    assert answer.status_code == 400
    assert "/token" not in provider.paths()


def test_an_answer_counts_once(app: Flask, provider: Hostile) -> None:
    client = app.test_client()
    query = begin(client, provider)
    assert back(client, query).status_code == 303

    again = back(client, query)

    assert again.status_code == 400
    assert provider.paths().count("/token") == 1


def test_two_tabs_may_log_in_one_after_the_other(app: Flask, provider: Hostile) -> None:
    client = app.test_client()
    first = begin(client, provider)
    nonce = provider.nonce
    second = begin(client, provider)

    assert back(client, second).status_code == 303
    provider.nonce = nonce
    assert back(client, first).status_code == 303


TOKENS: dict[str, Callable[[Hostile], None]] = {
    "for another client": lambda provider: provider.claims.update(aud="wordpress"),
    "of another login": lambda provider: provider.claims.update(nonce="of another"),
    "by another provider": lambda provider: provider.claims.update(iss="https://evil.example"),
    "by another key": lambda provider: setattr(provider, "signing", rsa_key("other")),
    "by an unknown key": lambda provider: setattr(provider, "kid", "k9"),
    "unsigned": lambda provider: setattr(
        provider, "token", jwt.encode({"sub": "s-1", "iss": provider.issuer}, "", algorithm="none")
    ),
}


@pytest.mark.parametrize("case", TOKENS)
def test_a_token_that_is_not_for_this_login_lets_nobody_in(
    app: Flask, provider: Hostile, caplog: pytest.LogCaptureFixture, case: str
) -> None:
    client = app.test_client()
    query = begin(client, provider)
    TOKENS[case](provider)

    answer = back(client, query)

    assert answer.status_code == 403
    assert "is not valid for this login" in shown(answer)
    assert "Traceback" not in answer.text and "Log in with Newsroom ID" in answer.text
    assert not is_in(client)


def test_the_answer_of_another_provider_is_a_mix_up(app: Flask, provider: Hostile) -> None:
    client = app.test_client()

    answer = back(client, {**begin(client, provider), "iss": "https://evil.example"})

    assert answer.status_code == 403
    assert "/token" not in provider.paths()


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("access_denied", "You did not agree at Newsroom ID. To log in, begin again and agree."),
        ("server_error", "Newsroom ID did not log you in."),
        ("<script>alert(1)</script>", "Newsroom ID did not log you in."),
    ],
)
def test_a_refusal_of_the_provider_is_said_in_our_words(app: Flask, provider: Hostile, error: str, words: str) -> None:
    client = app.test_client()
    query = begin(client, provider)

    answer = back(
        client, {"state": query["state"], "error": error, "error_description": "Your bank needs you: evil.example"}
    )

    assert answer.status_code == 403
    assert shown(answer).startswith(words)
    assert "evil.example" not in answer.text and "<script>alert" not in answer.text


def slow(handler: Any) -> None:
    time.sleep(8)


FAILURES: dict[str, tuple[str, Any, int, str]] = {
    "down": ("/token", (503, b"{}"), 503, "does not answer"),
    "garbage": ("/token", (200, b"\x00\xff<html>"), 502, "cannot read"),
    "slow": ("/token", slow, 503, "does not answer"),
    "ten megabytes": ("/token", (200, b"[" * 10_000_000), 502, "cannot read"),
    "a wrong secret": ("/token", (401, b'{"error": "invalid_client"}'), 502, "“gavel login check” says why"),
    "a used code": ("/token", (400, b'{"error": "invalid_grant"}'), 403, "did not log you in"),
    "no keys": ("/keys", (200, b'{"keys": []}'), 403, "is not valid for this login"),
}


@pytest.mark.parametrize("case", FAILURES)
def test_every_failure_is_a_page_that_says_what_to_do(app: Flask, provider: Hostile, case: str) -> None:
    path, answer, status, words = FAILURES[case]
    client = app.test_client()
    query = begin(client, provider)
    provider.answers[path] = answer

    response = back(client, query)

    assert response.status_code == status
    assert words in shown(response)
    page = Page(Browser(client), response)
    assert page.link("Log in with Newsroom ID") and page.has_button("Log in")
    assert "Traceback" not in response.text


def test_a_clock_that_is_wrong_is_named(app: Flask, provider: Hostile) -> None:
    provider.claims = {"iat": int(time.time()) + 600, "exp": int(time.time()) + 900}

    answer = log_in(app.test_client(), provider)

    assert "The clocks of Gavel and Newsroom ID differ" in shown(answer)


def test_a_provider_that_is_away_leaves_the_login_with_a_password(app: Flask, cast: Cast, provider: Hostile) -> None:
    provider.close()
    browser = Browser(app.test_client())
    page = browser.get("/desk/login").follow("Log in with Newsroom ID")
    assert page.status == 503
    assert "Newsroom ID does not answer. Try again in a minute" in page.text

    page = page.press("Log in", email="ana@example.org", password=PASSWORD)

    assert page.status == 200 and page.heading() != "Gavel"


def test_logs_hold_no_token_no_code_and_no_secret(
    app: Flask, provider: Hostile, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    client = app.test_client()
    states = []
    for change in ({}, {"aud": "wordpress"}, {"sub": None}):
        provider.claims = {"groups": ["newsroom"], **change}
        query = {**begin(client, provider), "code": "the-code-itself"}
        states.append(query["state"])
        back(client, query)
    provider.answers["/token"] = (400, b'{"error": "invalid_grant", "error_description": "the-code-itself"}')
    back(client, {**begin(client, provider), "code": "the-code-itself"})

    logged = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("service"))

    assert "is for 'wordpress'" in logged and "refused the code: 'invalid_grant'" in logged
    for secret in (SECRET, "the-code-itself", "at-1", "eyJ", provider.nonce, *states):
        assert secret not in logged


def test_nothing_of_a_login_is_kept_that_could_be_used_again(app: Flask, cast: Cast, provider: Hostile) -> None:
    client = app.test_client()
    query = begin(client, provider)
    with cast.database.read() as conn:
        (row,) = conn.execute(sa.select(provider_logins)).all()
    cookie = client.get_cookie("gavel_login")
    assert cookie is not None and cookie.http_only
    assert not {query["state"], cookie.value} & set(row)

    back(client, query)

    with cast.database.read() as conn:
        assert conn.execute(sa.select(provider_logins)).all() == []


def test_outside_the_demo_the_cookie_of_a_login_is_sent_over_https_only(
    cast: Cast, settings: Settings, provider: Hostile
) -> None:
    app = create_app(
        replace(settings, demo=False, public_url="https://gavel.example"), database=cast.database, queues=cast.queues
    )

    answer = app.test_client().get("/desk/login/provider")

    assert answer.headers["Set-Cookie"].startswith("__Host-gavel_login=")
    assert "Secure" in answer.headers["Set-Cookie"] and "SameSite=Lax" in answer.headers["Set-Cookie"]
    assert "redirect_uri=https%3A%2F%2Fgavel.example%2Fdesk%2Flogin%2Fcallback" in answer.location


def test_a_flood_of_logins_that_begin_is_slowed_down(app: Flask, provider: Hostile) -> None:
    for _ in range(100):
        assert app.test_client().get("/desk/login/provider").status_code == 303

    answer = app.test_client().get("/desk/login/provider")

    assert answer.status_code == 429
    assert provider.paths() == ["/.well-known/openid-configuration"]


class TestConnecting:
    def connect(self, browser: Browser, provider: Hostile, password: str = PASSWORD) -> TestResponse:
        page = browser.get("/desk/account").press("Connect", password=password)
        assert page.heading() == "Newsroom ID", page.text
        query = at_provider(str(page.link("Go on to Newsroom ID")["href"]), provider)
        return back(browser.client, query)

    def test_an_owner_with_the_password_connects_the_account(self, ana: Browser, cast: Cast, provider: Hostile) -> None:
        assert self.connect(ana, provider).location == "/desk/account#provider"

        client = ana.get("/desk/account").press("Log out").browser.client
        log_in(client, provider)
        assert "ana@example.org" in client.get("/desk/account").text
        said = f"Ana connected their account with a login at {provider.issuer}."
        assert said in trail_of_herald(client.application, cast)

    def test_without_the_password_nothing_begins(self, ana: Browser, provider: Hostile) -> None:
        page = ana.get("/desk/account").press("Connect", password="wrong")

        assert page.status == 422
        assert "The password is wrong" in page.text
        assert provider.calls == []

    def test_a_page_of_another_site_cannot_begin_it(self, ana: Browser, provider: Hostile) -> None:
        data = {"password": PASSWORD}
        answer = ana.client.post("/desk/account/provider", data=data, headers={"Sec-Fetch-Site": "cross-site"})

        assert answer.status_code == 403

    def test_the_way_back_counts_for_the_person_who_began(
        self, app: Flask, ana: Browser, cast: Cast, provider: Hostile
    ) -> None:
        page = ana.get("/desk/account").press("Connect", password=PASSWORD)
        query = at_provider(str(page.link("Go on to Newsroom ID")["href"]), provider)
        Browser(ana.client).log_in_as(cast, "Ben")

        answer = back(ana.client, query)

        assert answer.status_code == 400
        for name in ("Ana", "Ben"):
            assert identities.identity_of(cast.database, cast.moderator(name), provider.issuer) is None

    def test_a_login_that_is_connected_already_is_refused(self, app: Flask, cast: Cast, provider: Hostile) -> None:
        ana, ben = (Browser(app.test_client()).log_in_as(cast, name) for name in ("Ana", "Ben"))
        self.connect(ana, provider)

        answer = self.connect(ben, provider)

        assert (answer.status_code, shown(answer)) == (
            403, "This login at Newsroom ID is connected to another account already.",
        )  # fmt: skip

    def test_ending_it_ends_other_sessions_and_keeps_this_one(self, app: Flask, cast: Cast, provider: Hostile) -> None:
        ana = Browser(app.test_client()).log_in_as(cast, "Ana")
        self.connect(ana, provider)
        other = app.test_client()
        log_in(other, provider)

        page = ana.get("/desk/account").press("Disconnect", password=PASSWORD)

        assert page.heading() == "Your account" and page.has_button("Connect")
        assert other.get("/desk/review").location.startswith("/desk/login")

    def test_an_address_alone_connects_nothing(self, app: Flask, cast: Cast, provider: Hostile) -> None:
        provider.claims = {"email": "dora@example.org", "email_verified": True, "groups": ["newsroom"]}

        answer = log_in(app.test_client(), provider)

        assert answer.status_code == 403
        assert shown(answer).startswith("There is an account with your address already.")


class TestWithoutPasswords:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return replace(settings, password_login=False)

    def test_the_page_has_no_form_for_them_and_the_desk_takes_none(self, app: Flask, cast: Cast) -> None:
        page = Browser(app.test_client()).get("/desk/login")
        assert page.link("Log in with Newsroom ID") and not page.has_button("Log in")

        data = {"email": "ana@example.org", "password": PASSWORD}
        answer = app.test_client().post("/desk/login", data=data, headers=SAME_ORIGIN)

        assert answer.status_code == 403
        assert "Passwords are switched off" in answer.text

    def test_no_other_form_takes_one_either(self, app: Flask, cast: Cast) -> None:
        ana = Browser(app.test_client()).log_in_as(cast, "Ana")
        for path in ("password", "second-factor", "recovery-codes", "provider", "provider/end"):
            data = {"old": PASSWORD, "password": PASSWORD, "new": "a new long passphrase", "secret": "A" * 32}
            answer = ana.client.post(f"/desk/account/{path}", data=data, headers=SAME_ORIGIN)
            assert (path, answer.status_code) == (path, 403)
        page = ana.get("/desk/account")
        assert page.html.find("input", {"type": "password"}) is None

    def test_an_invitation_is_taken_by_logging_in_with_the_provider(
        self, app: Flask, cast: Cast, provider: Hostile
    ) -> None:
        dora = cast.moderator("Dora")
        token = moderators.invite(cast.database, dora, cast.courier.id, "fay@example.org", Role.LEAD, now=cast.now)
        data = {"name": "Fay", "password": "a new long passphrase"}
        refused = app.test_client().post(f"/desk/invitations/{token}", data=data, headers=SAME_ORIGIN)
        assert refused.status_code == 403
        open_to_invited = another(app, cast, app.extensions["gavel"].settings, oidc_roles=())
        client = open_to_invited.test_client()
        page = Browser(client).get(f"/desk/invitations/{token}")

        answer = back(client, begin(client, provider, str(page.link("Log in with Newsroom ID")["href"])))

        assert (answer.status_code, answer.location) == (303, "/desk/review")
        with cast.database.read() as conn:
            fay = find_moderator(conn, email="fay@example.org")
        assert fay is not None and dict(fay.roles) == {cast.courier.id: "lead"}


def test_logging_out_offers_to_log_out_at_the_provider_too(app: Flask, provider: Hostile) -> None:
    client = app.test_client()
    log_in(client, provider)

    page = Browser(client).get("/desk/account").press("Log out")

    assert "At Newsroom ID you may still be logged in" in page.text
    answer = client.get(str(page.link("log out there too")["href"]))
    assert answer.location == (
        f"{provider.issuer}/end?client_id=gavel&post_logout_redirect_uri=http%3A%2F%2Flocalhost%2Fdesk%2Flogin"
    )
    assert not is_in(client)


def test_a_provider_without_a_page_for_that_says_so(app: Flask, provider: Hostile) -> None:
    provider.about = {"end_session_endpoint": None}

    assert "Newsroom ID has no page for this" in app.test_client().get("/desk/login/leave").text


def test_somebody_who_logged_in_with_a_password_is_not_sent_there(ana: Browser) -> None:
    assert "Newsroom ID you may" not in ana.get("/desk/account").press("Log out").text


def test_an_unfinished_form_waits_for_the_login_in_another_tab(app: Flask, cast: Cast, provider: Hostile) -> None:
    comment = cast.flagged()
    browser = Browser(app.test_client())
    log_in(browser.client, provider)
    session = browser.client.get_cookie("gavel_session")
    assert session is not None
    accounts.log_out(cast.database, session.value, now=cast.now)
    page = browser.post(f"/desk/comments/{comment.id}/decisions", {"choice": "approve", "version": "2", "note": "ok"})
    assert page.status == 401 and "_blank" in str(page.link("Log in with Newsroom ID"))
    early = page.press("I have logged in: go on")
    assert early.status == 401 and "You are not logged in yet." in early.text

    log_in(browser.client, provider)
    page = early.press("I have logged in: go on")

    assert page.status == 200
    assert page.has_button("Approve")


@pytest.mark.parametrize("path", ["/desk/login/provider", CALLBACK, "/desk/login/leave"])
def test_without_a_provider_there_are_no_such_pages(cast: Cast, path: str) -> None:
    app = create_app(Settings(demo=True), database=cast.database, queues=cast.queues)

    assert app.test_client().get(path).status_code == 404
    assert "Log in with" not in app.test_client().get("/desk/login").text


def test_every_problem_has_a_sentence_that_says_what_to_do() -> None:
    assert set(PROBLEMS) == set(ProblemKind)
    assert set(REFUSALS) == set(LoginRefusal)
    assert json.dumps([*PROBLEMS.values(), *REFUSALS.values()]).count("%(provider)s") > 10
    assert all(re.search(r"[.”]$", sentence) for sentence in (*PROBLEMS.values(), *REFUSALS.values()))
