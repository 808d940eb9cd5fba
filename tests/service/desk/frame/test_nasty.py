"""With any content of a form or an address, the desk answers that it refuses it, and never that it broke.

Every route gets every field that its module reads, one after another, with each nasty value.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from werkzeug.routing import Rule

from moderation.ground.values.comments import Comment
from tests.service.desk.browsing import SAME_ORIGIN, Browser
from tests.service.desk.cast import Cast

LONG = "9" * 5000
NASTY = {
    "nul": "a\x00b",
    "long number": LONG,
    "large number": "9" * 25,
    "odd digits": "٣²",
    "year 1": "0001-01-01",
    "year 9999": "9999-12-31",
    "line break": "/desk/\r\nSet-Cookie: a=b",
}
READS = re.compile(r"""(?:args|form|values)\.(?:get|getlist)\(\s*["']([a-z_0-9.]+)["']|_date\(["']([a-z]+)["']""")
MORE = {  # read by names that are put together, or by what a module calls
    "desk.queue": ("site", "section", "article", "author", "reason", "hours", "sort", "rule", "status", "q"),
    "desk.history": ("from", "to", "site", "kind"),
    "desk.trends": ("from", "to", "site"),
    "desk.policy": ("site", "limit.toxicity", "action.toxicity", "on.toxicity", "version"),
    "desk.review": ("site", "section", "article", "hours", "since", "category"),
}
USUAL = {  # so that the check of one field does not hide the next
    "choice": "reject:Off topic",
    "version": "2",
    "expected": "1",
    "role": "moderator",
    "email": "new@example.org",
    "standing": "trusted",
    "kind": "decision",
    "by": "day",
}


def fields_of(module: str) -> Iterator[str]:
    for first, second in READS.findall(inspect.getsource(sys.modules[module])):
        yield first or second
    for part, names in MORE.items():
        if part in module:
            yield from names


def path_of(rule: Rule, comment: Comment, number: str = "1") -> str:
    path = re.sub(r"<int[^:]*:\w+>", number, rule.rule)
    path = re.sub(r"<uuid:\w+>", comment.id, path)
    return re.sub(r"<(?:path:)?\w+>", "x", path)


def cases(app: Flask, nasty: str, comment: Comment) -> Iterator[tuple[str, str, str]]:
    """(method, path, field)"""
    for rule in app.url_map.iter_rules():
        if not rule.endpoint.startswith("desk.") or rule.endpoint in ("desk.live", "desk.log_out", "desk.end_sessions"):
            continue
        module = app.view_functions[rule.endpoint].__module__
        for field in dict.fromkeys([*fields_of(module), "unknown"]):
            yield "POST" if "POST" in (rule.methods or ()) else "GET", path_of(rule, comment), field
        if "<int" in rule.rule and nasty.isdecimal():
            yield "GET", path_of(rule, comment, nasty), "unknown"


DATES = frozenset(
    {"after", "before", "counted_at", "day", "days", "ends", "from", "hours", "since", "to", "until", "within_days"}
)
"""Fields that are read as a moment or a length of time: only there does a year matter."""

HEADERS = frozenset({"back", "done", "name", "next", "site", "view", "where"})
"""Fields that an answer may carry into an address or a file's name: only there can a line break add a header."""

PICKY = ("nul", "large number", "year 9999")  # where PostgreSQL takes less than SQLite


@pytest.mark.parametrize(
    ("database", "nasty"),
    [("postgres" if nasty in PICKY else "sqlite", nasty) for nasty in NASTY],
    indirect=["database"],
)
def test_no_field_breaks_a_page(
    app: Flask, cast: Cast, browser: Callable[[], Browser], nasty: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.desk.people.pages.hash_password", lambda _password: "not today")  # Argon2 takes time
    monkeypatch.setattr("service.desk.people.login.password_matches", lambda *_: False)
    monkeypatch.setattr("service.desk.people.account.password_matches", lambda *_: False)
    dora, value = browser().log_in_as(cast, "Dora"), NASTY[nasty]
    comment = cast.flagged()
    broken = []

    for method, path, field in cases(app, value, comment):
        if (nasty.startswith("year") and field not in DATES) or (nasty == "line break" and field not in HEADERS):
            continue
        sent = {**USUAL, field: value}
        if method == "POST":
            response = dora.client.post(path, data=sent, headers=SAME_ORIGIN)
        else:
            response = dora.client.get(path, query_string={field: value})
        if response.status_code >= 500:
            broken.append((method, path.replace(comment.id, "…")[:80], field, response.status_code))

    assert broken == []


@pytest.mark.parametrize("nasty", NASTY)
def test_no_search_or_log_in_breaks(app: Flask, cast: Cast, nasty: str) -> None:
    value = NASTY[nasty]

    for fields in ({"email": value}, {"password": value}, {"code": value}, {"next": value}):
        sent = {"email": "nobody@example.org", "password": "x", **fields}
        response = app.test_client().post("/desk/login", data=sent, headers=SAME_ORIGIN)
        assert response.status_code in (400, 401, 429), (fields, response.status_code)
    assert app.test_client().get("/desk/login", query_string={"next": value}).status_code in (200, 400)
