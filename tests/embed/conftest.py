"""The Herald's pages at an origin of their own, under a strict policy of content, with a server that signs readers."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import jwt
import pytest
from flask import Flask, Response
from playwright import sync_api as playwright_api
from werkzeug.serving import make_server

from moderation.ground.environment.settings import Settings
from moderation.sites import keys, reader_secrets
from moderation.sites import rows as site_rows
from moderation.sites.keys import Scope
from moderation.sites.reader_secrets import NewReaderSecret
from service.app import create_app
from service.context import utc_now
from tests.builders import OPERATOR
from tests.desk.conftest import Screen, cast, chromium, made_once
from tests.service.conftest import Caller
from tests.service.desk.cast import Cast

__all__ = ["cast", "chromium", "made_once"]

AXE = Path(__file__).parents[1] / "desk" / "vendor" / "axe-core@4.14.1" / "axe.min.js"
NARROW = 320
IN_LIGHT, IN_DARK = "{}", "{runOnly: ['color-contrast']}"  # nothing but colours differs between both

PAGE = """<!doctype html>
<html lang="{language}" dir="{direction}"><head><meta charset="utf-8"><title>{article}</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,"><link rel="stylesheet" href="/style.css"></head>
<body><main><h1>Ferry to run all winter</h1><p>{story}</p>{body}</main>
<footer>The Herald is invented.</footer></body></html>
"""
STYLE = """
body { font: 1rem/1.5 Georgia, serif; margin: 0; color: CanvasText; background: Canvas; }
main { max-width: 42rem; margin: 0 auto; padding: 1rem; }
footer { padding: 2rem; text-align: center; }
"""
LEAKS = "* { letter-spacing: 9px !important; color: red; text-transform: uppercase; } button { display: none; }"


@dataclass
class Newsroom:
    """Its server. ``reader`` is who has logged in."""

    gavel: str
    site_id: str
    secret: NewReaderSecret
    api: Caller
    address: str = ""
    reader: dict[str, Any] | None = None
    signed: int = 0
    lasts: timedelta = timedelta(minutes=10)
    pages: dict[str, str] = field(default_factory=dict)
    style: str = ""
    style_comes_after_s: float = 0.0
    language: str = "en"
    direction: str = "ltr"

    def describe(self, article: str, **said: str) -> None:
        """Names the article to Gavel, as when it is published."""
        assert self.api.put(f"/v1/articles/{article}", {"title": "Ferry to run all winter", **said}).status_code < 300

    def token(self) -> str | None:
        if self.reader is None:
            return None
        self.signed += 1
        claims = {**self.reader, "aud": self.site_id, "exp": utc_now() + self.lasts}
        return jwt.encode(claims, self.secret.secret, algorithm="HS256", headers={"kid": self.secret.id})

    def tag(self, article: str = "a-1", **attributes: str) -> str:
        """The one line that a page has."""
        said = {"data-site": self.site_id, "data-article": article, "data-token-url": "/token", **attributes}
        named = " ".join(f'{name.replace("_", "-")}="{value}"' for name, value in said.items())
        return f'<script async src="{self.gavel}/embed/v1.js" {named}></script>'


@pytest.fixture
def settings() -> Settings:
    return Settings(demo=True)


@pytest.fixture
def newsroom(cast: Cast, settings: Settings) -> Iterator[Newsroom]:
    secret = reader_secrets.create(cast.database, cast.herald.id, by=OPERATOR, now=utc_now())
    key = keys.create_key(cast.database, cast.herald.id, name="site", scopes=Scope, by=OPERATOR, now=utc_now())
    app = create_app(settings, database=cast.database, queues=cast.queues)
    with served(app) as gavel:
        found = Newsroom(gavel, cast.herald.id, secret, Caller(app.test_client(), key.token))
        with served(_site(found)) as found.address:
            with cast.database.write() as conn:
                site = site_rows.get_site(conn, found.site_id)
                site_rows.update_site_settings(conn, site.id, site.settings.changed(origins=(found.address,)))
            yield found


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """Its address. The server asks often whether it is to end: half a second for each would be most of a test."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join(timeout=10)


def _site(newsroom: Newsroom) -> Flask:
    """Its pages: of an article, with its tag in it, or with whatever a test puts there."""
    site = Flask(__name__)

    @site.get("/<article>")
    def article(article: str) -> Response:
        story = "The council has decided. " * 160
        shown = "" if article == "none" else newsroom.pages.get(article) or newsroom.tag(article)
        html = PAGE.format(
            article=article, body=shown, story=story, language=newsroom.language, direction=newsroom.direction
        )
        response = Response(html, mimetype="text/html")
        response.headers["Content-Security-Policy"] = (
            f"default-src 'none'; script-src {newsroom.gavel}; connect-src 'self' {newsroom.gavel}; "
            "style-src 'self'; img-src data:; base-uri 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
        )
        return response

    @site.get("/style.css")
    def style() -> Response:
        time.sleep(newsroom.style_comes_after_s)
        return Response(STYLE + newsroom.style, mimetype="text/css")

    @site.get("/token")
    def token() -> Response:
        made = newsroom.token()
        return Response(made or "", status=200 if made else 204, mimetype="text/plain")

    return site


@dataclass
class Boxed(Screen):
    """A page with a box on it, and what a reader does there."""

    @property
    def box(self) -> playwright_api.Locator:
        return self.page.locator("gavel-comments").first

    @property
    def shown(self) -> str:
        """All that readers see in the box. The element itself has no text of its own."""
        return self.box.locator("section").inner_text()

    def come_near(self) -> Boxed:
        self.box.scroll_into_view_if_needed()
        self.box.locator("section").wait_for()
        return self

    def write(self, text: str) -> Boxed:
        self.box.get_by_role("textbox").first.fill(text)
        self.box.get_by_role("button", name="Post").first.click()
        return self

    def look(self) -> None:
        """As the box does every half a minute."""
        self.page.evaluate("document.querySelector('gavel-comments').look()")

    def comment(self, text: str) -> playwright_api.Locator:
        return self.box.locator("article").filter(has_text=text)

    def faults(self) -> list[str]:
        """Faults that axe finds in the box now, on a telephone, in light and dark, and whether it is too wide."""
        self.page.set_viewport_size({"width": NARROW, "height": 800})
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(_axe())
        found = []
        for scheme, options in (("light", IN_LIGHT), ("dark", IN_DARK)):
            self.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            found += [f"{scheme}: {fault}" for fault in self._violations(options)]
        too_wide = self.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        return found + ([f"{too_wide} px too wide"] if too_wide > 0 else [])

    def _violations(self, options: str) -> list[str]:
        run = f"axe.run('gavel-comments', {{resultTypes: ['violations'], ...{options}}})"
        return [
            f"{found['id']}: {json.dumps([node['target'] for node in found['nodes']][:3])}"
            for found in self.page.evaluate(run)["violations"]
        ]


@cache
def _axe() -> str:
    return AXE.read_text(encoding="utf-8")


Visit = Callable[..., Boxed]
playwright_api.expect.set_options(timeout=30_000)  # a shared machine may be busy


@pytest.fixture
def visit(chromium: playwright_api.Browser, newsroom: Newsroom) -> Iterator[Visit]:
    """Opens a page of the newsroom: ``visit("a-1", width=320, reader="Dana")``."""
    contexts: list[playwright_api.BrowserContext] = []

    def opened(
        path: str = "a-1", *, reader: str | None = None, width: int = 1280, height: int = 800, **options: Any
    ) -> Boxed:
        if reader is not None:
            newsroom.reader = {"sub": reader.lower(), "name": reader}
        context = chromium.new_context(viewport={"width": width, "height": height}, **options)
        context.set_default_timeout(30_000)  # a shared machine may be busy
        contexts.append(context)
        at = Boxed(context.new_page(), newsroom.address)
        at.open(f"/{path}")
        return at

    yield opened
    for context in contexts:
        context.close()
