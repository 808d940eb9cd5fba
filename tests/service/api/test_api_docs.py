"""The pages about the API name every call, problem and event, and their code works."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest
from flask.testing import FlaskClient
from flask_openapi3.openapi import OpenAPI
from jinja2 import Environment

from moderation.ground.database.engine import Database
from moderation.ground.values.events import Event
from moderation.ground.webhooks.signing import new_secret, signature_headers
from moderation.pipeline.arriving import comment_text
from moderation.readers.pages.settings import MAX_ORIGINS
from moderation.sites.keys import Scope
from moderation.sites.webhook import TEST
from moderation.spine.comments.envelope import EventType, body
from service import auth, errors
from service.api import fields, prefer
from service.api.articles import MAX_IN_ADDRESS, MAX_STATES
from service.api.comments.calls import MAX_BATCH_BYTES
from service.api.schemas import article_schemas, submission_schemas
from service.api.schemas.reading_schemas import MAX_COUNTED
from service.auth import requirement_of

DOCS = Path(__file__).parents[3] / "docs"
API = (DOCS / "api.md").read_text(encoding="utf-8")
EVENTS = (DOCS / "events.md").read_text(encoding="utf-8")
NOT_BY_API = {
    "name-taken",
    "model-unavailable",
    "settings",
    "selection-changed",
    "figures-changed",
    "scoring-unavailable",
    "stale-rule",
}


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """Nothing here depends on which database it is."""
    return sqlite_database


def test_every_call_is_in_the_table(app: OpenAPI) -> None:
    paths = {
        re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/v1/") and not rule.endpoint.startswith("openai.")
    }
    missing = {path for path in paths if path.replace("/v1/policy/versions/", "…/") not in API}

    assert missing == set()


ROWS = re.findall(r"^\| (`.+?/v1/.+?`.*?) \| ([\w, ]+) \| (.+?) \|$", API, re.MULTILINE)


def calls_of(cell: str) -> list[tuple[str, str]]:
    """The method and path of each call that a row of the table is about; ``…`` repeats what comes before it."""
    calls: list[tuple[str, str]] = []
    for code in re.findall(r"`([^`]+)`", cell):
        method, _, path = code.rpartition(" ")
        before = calls[-1] if calls else ("", "")
        whole = before[1] + path.removeprefix("…") if path.startswith("…") else path
        calls.append((method or before[0], whole))
    return calls


def scope_of_view(view: Callable[..., Any]) -> str:
    requirement = requirement_of(view)
    return "none" if requirement is None else requirement.scope or "reader"


def test_the_table_has_each_calls_scope_and_answers(app: OpenAPI, client: FlaskClient) -> None:
    paths = cast(Any, client.get("/openapi.json").json)["paths"]
    scope_of = {
        (method, re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)): scope_of_view(app.view_functions[rule.endpoint])
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/v1/") and not rule.endpoint.startswith("openai.")
        for method in rule.methods or ()
    }
    seen = set()
    for cell, scopes, answers in ROWS:
        said = re.findall(r"\b2\d\d\b", answers)
        for place, (method, path) in enumerate(calls_of(cell)):
            served = [code for code in paths[path][method.lower()]["responses"] if code.startswith("2")]
            assert sorted(said) == sorted(served), (method, path)
            assert scopes.split(", ")[min(place, scopes.count(","))] == scope_of[method, path], (method, path)
            seen.add((method, path))

    assert seen == {(method, path) for method, path in scope_of if method not in ("HEAD", "OPTIONS")}


def test_every_call_that_a_page_names_is_served(client: FlaskClient) -> None:
    paths = cast(Any, client.get("/openapi.json").json)["paths"]
    pages = [*DOCS.glob("*.md"), *DOCS.parent.glob("*.md"), *DOCS.parent.glob("examples/**/*.md")]
    named = {
        call
        for page in pages
        for call in re.findall(r"\b(GET|PUT|POST|PATCH|DELETE) (/[a-z][\w/{}:-]*)", page.read_text(encoding="utf-8"))
    }
    shapes = {(m.upper(), re.sub(r"{\w+}", "{}", path)) for path, item in paths.items() for m in item}
    others = {("POST", "/v1/moderations"), ("GET", "/v1/models")}  # OpenAI's, which its own documentation describes
    served = shapes | {("GET", "/metrics"), ("POST", "/desk/login")} | others

    assert len(named) > 20
    assert {(m, p) for m, p in named if (m, re.sub(r"{\w+}", "{}", p)) not in served} == set()


@pytest.mark.parametrize(
    "said",
    [
        f"1 to {comment_text.MAX_CHARS:,} characters",
        f"| {auth.MAX_BODY_BYTES // 1024} KiB; a batch {MAX_BATCH_BYTES // 1024**2} MiB |",
        f"| batch | {submission_schemas.MAX_BATCH} comments |",
        f"up to {submission_schemas.MAX_BATCH} has one result",
        f"at most {prefer.MAX_WAIT_S} seconds",
        f"1 to {fields.MAX_ID_CHARS} characters",
        f"from {fields.FIRST_YEAR + 1} to five minutes from now",
        "refused within " + {5.0: "five"}[auth.KEY_CACHE_S] + " seconds",
    ],
)
def test_a_limit_on_the_page_is_that_of_the_code(said: str) -> None:
    assert said in " ".join(API.split())


def test_the_fields_of_an_article_that_a_comment_may_bring_are_all_named() -> None:
    sentence = API[API.index("may carry more than its id") :].partition("Gavel keeps")[0]

    assert set(re.findall(r"`(\w+)`", sentence)) == set(article_schemas.ArticleRef.model_fields) - {"id"}


def test_every_problem_is_in_the_table() -> None:
    names = {kind.name for kind in (*errors.KINDS.values(), errors.UNEXPECTED, errors.STORAGE_AWAY)}

    missing = {name for name in names - NOT_BY_API if f"`{name}`" not in API}

    assert missing == set()


def test_every_scope_and_event_is_named() -> None:
    assert all(f"| `{scope}` |" in API for scope in Scope)
    assert all(f"| `{kind}` |" in EVENTS for kind in (*EventType, TEST))


def test_the_limits_of_reading_are_on_the_page() -> None:
    said = f"| counts in one call | {MAX_IN_ADDRESS} articles in an address, {MAX_COUNTED} in a body |"

    assert said in API
    assert f"200 comments, 500 events, {MAX_STATES:,} states" in API
    assert f"| origins of a site | {MAX_ORIGINS} |" in API


def test_the_line_for_jinja_escapes_what_a_reader_wrote() -> None:
    (line,) = re.findall(r"^\| Jinja \| `([^`]+)`", API, re.MULTILINE)

    shown = Environment(autoescape=True).from_string(line).render(comment={"text": "<script>alert('&')</script>"})

    assert shown == "<p>&lt;script&gt;alert(&#39;&amp;&#39;)&lt;/script&gt;</p>"


def test_examples_are_json() -> None:
    examples = re.findall(r"```json\n(.*?)```", API + EVENTS, re.DOTALL)

    assert len(examples) >= 5
    assert all(json.loads(example) for example in examples)


def test_the_code_that_checks_a_signature_works() -> None:
    (code,) = re.findall(r"```python\n(.*?)```", EVENTS, re.DOTALL)
    names: dict[str, object] = {}
    exec(code, names)  # the page's own example
    check = cast(Callable[[str, dict[str, str], bytes], bool], names["is_from_gavel"])
    now = datetime.now(UTC)
    secret = new_secret()
    event = Event("e-1", "s-1", 1, EventType.PUBLISHED, "c-1", {"comment": {}}, now, now)
    headers = signature_headers((secret,), event.id, body(event), now)
    in_between = signature_headers((new_secret(), secret), event.id, body(event), now)

    assert check(secret, in_between, body(event))
    assert check(secret, headers, body(event))
    assert not check(secret, headers, body(event) + b" ")
    assert not check(new_secret(), headers, body(event))
    assert not check(secret, {**headers, "webhook-timestamp": "1"}, body(event))
