"""Logging in with a provider in a browser, which has its own rules for cookies, forms and redirects between sites."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from werkzeug.serving import make_server

from moderation.ground.environment.group_roles import parse_group_roles
from moderation.ground.environment.settings import Settings
from service.app import create_app
from tests.desk.axe import violations
from tests.desk.conftest import Open
from tests.service.desk.cast import PASSWORD, Cast
from tests.service.openid.hostile import Hostile

pytestmark = pytest.mark.browser


@pytest.fixture
def provider() -> Iterator[Hostile]:
    """It logs everybody in as Fay at once, under another site's name than the desk: ``localhost``."""
    hostile = Hostile()
    hostile.claims = {"groups": ["newsroom"]}

    def agree(handler: BaseHTTPRequestHandler) -> None:
        query = {name: values[0] for name, values in parse_qs(urlsplit(handler.path).query).items()}
        hostile.nonce = query["nonce"]
        handler.send_response(302)
        handler.send_header(
            "location", f"{query['redirect_uri']}?{urlencode({'code': 'c-1', 'state': query['state']})}"
        )
        handler.end_headers()

    hostile.answers["/auth"] = agree
    hostile.about = {"authorization_endpoint": f"http://localhost:{hostile.server.server_port}/auth"}
    yield hostile
    hostile.close()


@pytest.fixture
def address(cast: Cast, provider: Hostile) -> Iterator[str]:
    settings = Settings(
        demo=True,
        oidc_issuer=provider.issuer,
        oidc_client_id="gavel",
        oidc_name="Newsroom ID",
        oidc_roles=parse_group_roles("newsroom=moderator@The Herald"),
        oidc_allow_private=True,
    )
    server = make_server(
        "127.0.0.1", 0, create_app(settings, database=cast.database, queues=cast.queues), threaded=True
    )
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join(timeout=10)


@pytest.mark.parametrize("script", [True, False], ids=["with scripts", "without scripts"])
def test_a_browser_goes_to_the_provider_and_back_and_logs_out(screen: Open, script: bool) -> None:
    at = screen(java_script_enabled=script).open("/desk/account")

    at.page.get_by_role("link", name="Log in with Newsroom ID").click()
    at.page.wait_for_url("**/desk/account")

    assert "fay@example.org" in at.page.inner_text("main")
    at.page.locator(".who summary").click()
    at.page.get_by_role("button", name="Log out", exact=True).click()
    assert "At Newsroom ID you may still be logged in" in at.page.inner_text("main")


@pytest.mark.parametrize("script", [True, False], ids=["with scripts", "without scripts"])
def test_an_owner_connects_an_account(screen: Open, script: bool) -> None:
    at = screen(java_script_enabled=script).log_in("Ana").open("/desk/account")

    at.page.locator("#provider").get_by_label("Password").fill(PASSWORD)
    at.page.get_by_role("button", name="Connect").click()
    at.page.get_by_role("link", name="Go on to Newsroom ID").click()
    at.page.wait_for_url("**/desk/account#provider")

    assert "Connected: you can log in with Newsroom ID." in at.page.inner_text("#provider")


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_pages_of_a_login(screen: Open, width: int, scheme: str) -> None:
    at = screen(width=width, color_scheme=scheme)
    told = violations(at.open("/desk/login"), "login")
    told += violations(at.open("/desk/login?left=1"), "logged out")
    told += violations(at.open("/desk/login/callback?state=x"), "stale")
    at.open("/desk/login").log_in("Ana").open("/desk/account")
    told += violations(at, "account")
    at.page.locator("#provider").get_by_label("Password").fill(PASSWORD)
    at.page.get_by_role("button", name="Connect").click()
    at.page.get_by_role("link", name="Go on to Newsroom ID").wait_for()
    told += violations(at, "on the way")

    assert told == []
