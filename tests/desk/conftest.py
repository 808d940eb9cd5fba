"""A real Chromium before a real server. Where no Chromium is installed these tests skip and say so."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright import sync_api as playwright_api
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from werkzeug.serving import make_server

from moderation.ground.database.engine import Database
from moderation.ground.environment.settings import Settings
from moderation.ground.jobs.jobs import Queues
from moderation.sites.people import accounts
from service.app import create_app
from tests.conftest import free_port
from tests.made_once import made_once
from tests.service.desk.cast import PASSWORD, Cast

__all__ = ["made_once"]

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox",  # tests may run as root, in a container
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--disable-sync",
    "--no-first-run",
)


@pytest.fixture(scope="module")  # its event loop would be in the way of other files' own
def chromium() -> Iterator[playwright_api.Browser]:
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        pytest.skip("no Chromium on this machine: apt-get install chromium")
    with playwright_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def cast(sqlite_database: Database) -> Cast:
    queues = Queues(Redis(port=free_port(), socket_connect_timeout=0.05, retry=Retry(NoBackoff(), 0)))
    return Cast(sqlite_database, queues, datetime.now(UTC))


@pytest.fixture
def address(cast: Cast) -> Iterator[str]:
    app = create_app(Settings(demo=True), database=cast.database, queues=cast.queues)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join(timeout=10)


@dataclass
class Screen:
    """A page with somebody logged in, and everything that its console said."""

    page: playwright_api.Page
    address: str
    said: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", self._note_message)
        self.page.on("pageerror", self._note_error)
        self.page.on("dialog", self._note_dialog)

    def _note_message(self, message: playwright_api.ConsoleMessage) -> None:
        self.said.append(f"{message.type}: {message.text}")

    def _note_error(self, error: playwright_api.Error) -> None:
        self.said.append(f"error: {error}")

    def _note_dialog(self, dialog: playwright_api.Dialog) -> None:
        self.said.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def log_in(self, name: str) -> Screen:
        self.open("/desk/login")
        self.page.get_by_label("E-mail address").fill(f"{name.lower()}@example.org")
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Log in").click()
        self.page.wait_for_url("**/desk/review**")
        return self

    def log_in_as(self, cast: Cast, name: str) -> Screen:
        """By a session of the cast's, in whatever language the page would ask for a password."""
        entered = accounts.open_session(cast.database, cast.moderator(name), now=cast.now)
        self.page.context.add_cookies([{"name": "gavel_session", "value": entered.token, "url": self.address}])
        return self

    def open(self, path: str) -> Screen:
        self.page.goto(self.address + path)
        return self

    def press(self, key: str) -> Screen:
        """Presses a key and waits until the answer, if it asked for one, is on the page."""
        self.page.keyboard.press(key)
        self.page.wait_for_selector("html:not([data-busy])")
        return self

    @property
    def heading(self) -> str:
        return self.page.locator("h1").first.inner_text()

    @property
    def status(self) -> str:
        return self.page.locator("#status").inner_text()


Open = Callable[..., Screen]


@pytest.fixture
def screen(chromium: playwright_api.Browser, address: str) -> Iterator[Open]:
    """Opens a window of its own: ``screen(width=390, color_scheme="dark", java_script_enabled=False)``."""
    contexts: list[playwright_api.BrowserContext] = []

    def open_screen(*, width: int = 1280, height: int = 800, **options: Any) -> Screen:
        context = chromium.new_context(viewport={"width": width, "height": height}, **options)
        context.set_default_timeout(30_000)  # a shared machine may be busy
        contexts.append(context)
        return Screen(context.new_page(), address)

    yield open_screen
    for context in contexts:
        context.close()
