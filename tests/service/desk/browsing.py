"""A browser without JavaScript for tests: it finds things by role and label, fills forms and presses buttons."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from bs4 import BeautifulSoup, Tag
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from moderation.sites.people import accounts
from tests.service.desk.cast import PASSWORD, Cast

SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}


class Page:
    def __init__(self, browser: Browser, response: TestResponse) -> None:
        self.browser, self.response = browser, response
        self.status, self.path = response.status_code, response.request.path

    @cached_property
    def html(self) -> BeautifulSoup:
        """Parsed when something is looked for: many pages are passed on the way to another."""
        return BeautifulSoup(self.response.get_data(as_text=True), "html.parser")

    @property
    def text(self) -> str:
        return " ".join(self.html.get_text(" ").split())

    @property
    def status_line(self) -> str:
        found = self.html.find(id="status")
        return " ".join(found.get_text(" ").split()) if found else ""

    def heading(self) -> str:
        found = self.html.find("h1")
        return " ".join(found.get_text(" ").split()) if found else ""

    def region(self, label: str) -> str:
        """The text of the landmark, list or group with this name."""
        for tag in self.html.find_all(True):
            if _name(self.html, tag) == label:
                return " ".join(tag.get_text(" ").split())
        raise LookupError(f"nothing is called {label!r}")

    def has_button(self, label: str) -> bool:
        return self._find("button", label) is not None

    def button(self, label: str) -> Tag:
        found = self._find("button", label)
        if found is None:
            raise LookupError(f"no button {label!r} among {[_words(b) for b in self.html.find_all('button')]}")
        return found

    def link(self, label: str) -> Tag:
        found = self._find("a", label)
        if found is None:
            raise LookupError(f"no link {label!r} among {[_words(a) for a in self.html.find_all('a')]}")
        return found

    def press(self, label: str, **fields: str) -> Page:
        """Submits the button's form as a browser does, with the named fields filled in."""
        button = self.button(label)
        form = button.find_parent("form")
        assert isinstance(form, Tag)
        values = _values(form) | fields
        if button.get("name"):
            values[str(button["name"])] = str(button.get("value", ""))
        action = str(button.get("formaction") or form.get("action") or self.path)
        if form.get("method", "get") == "get":
            return self.browser.get(action, **{k: v for k, v in values.items() if isinstance(v, str)})
        return self.browser.post(action, values)

    def follow(self, label: str) -> Page:
        return self.browser.get(str(self.link(label)["href"]))

    def field(self, label: str) -> Tag:
        for tag in self.html.find_all("label"):
            if _words(tag).startswith(label):
                found = tag.find(["input", "select", "textarea"])
                if isinstance(found, Tag):
                    return found
        raise LookupError(f"no field {label!r}")

    def field_named(self, name: str) -> str:
        """The value of the field with this name."""
        found = next(tag for tag in self.html.find_all(["input", "select", "textarea"]) if tag.get("name") == name)
        if found.name != "select":
            return found.get_text() if found.name == "textarea" else str(found.get("value", ""))
        chosen = found.find("option", selected=True) or found.find("option")
        return str(chosen.get("value", "")) if isinstance(chosen, Tag) else ""

    def _find(self, kind: str, label: str) -> Tag | None:
        named = [tag for tag in self.html.find_all(kind) if (tag.get("aria-label") or _words(tag)) == label]
        starts = [
            tag
            for tag in self.html.find_all(kind)
            if str(tag.get("aria-label") or "").startswith(label) or _words(tag).startswith(label)
        ]
        return next(iter(named or starts), None)


class Browser:
    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def log_in(self, name: str) -> Browser:
        page = self.get("/desk/login").press("Log in", email=f"{name.lower()}@example.org", password=PASSWORD)
        assert page.status == 200, page.text
        return self

    def log_in_as(self, cast: Cast, name: str) -> Browser:
        """By a session of the cast's: no form, no password, and no page after it."""
        entered = accounts.open_session(cast.database, cast.moderator(name), now=cast.now)
        self.client.set_cookie("gavel_session", entered.token)
        return self

    def get(self, path: str, **query: str) -> Page:
        return Page(self, self.client.get(path, query_string=query or None, follow_redirects=True))

    def post(self, path: str, values: dict[str, Any]) -> Page:
        response = self.client.post(path, data=values, headers=SAME_ORIGIN, follow_redirects=True)
        return Page(self, response)


def _words(tag: Tag) -> str:
    return " ".join(word for word in tag.get_text(" ").split())


def _name(html: BeautifulSoup, tag: Tag) -> str | None:
    if tag.get("aria-label"):
        return str(tag["aria-label"])
    by = html.find(id=tag["aria-labelledby"]) if tag.get("aria-labelledby") else None
    return _words(by) if isinstance(by, Tag) else None


def _values(form: Tag) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for tag in form.find_all(["input", "select", "textarea"]):
        name = str(tag.get("name") or "")
        if not name or (tag.get("type") in ("checkbox", "radio") and not tag.has_attr("checked")):
            continue
        if tag.name == "select":
            chosen = tag.find("option", selected=True) or tag.find("option")
            value = str(chosen.get("value", "")) if isinstance(chosen, Tag) else ""
        else:
            value = tag.get_text() if tag.name == "textarea" else str(tag.get("value", ""))
        values[name] = (
            [*values[name], value]
            if isinstance(values.get(name), list)
            else ([values[name], value] if name in values else value)
        )
    return values
