"""The pages about the API name every call, problem and event, and their code works."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import pytest
from flask_openapi3.openapi import OpenAPI

from moderation.deciding.events import EventType, body, signature_headers
from moderation.model import Event
from moderation.people.keys import Scope
from moderation.people.webhooks import new_secret
from moderation.store.database import Database
from service import errors

DOCS = Path(__file__).parents[3] / "docs"
API = (DOCS / "api.md").read_text(encoding="utf-8")
EVENTS = (DOCS / "events.md").read_text(encoding="utf-8")
NOT_BY_API = {"name-taken", "model-unavailable", "settings", "selection-changed"}


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """Nothing here depends on which database it is."""
    return sqlite_database


def test_every_call_is_in_the_table(app: OpenAPI) -> None:
    paths = {
        re.sub(r"<(\w+)>", r"{\1}", rule.rule) for rule in app.url_map.iter_rules() if rule.rule.startswith("/v1/")
    }
    missing = {path for path in paths if path.replace("/v1/policy/versions/", "…/") not in API}

    assert missing == set()


def test_every_problem_is_in_the_table() -> None:
    names = {kind.name for kind in (*errors.KINDS.values(), errors.UNEXPECTED, errors.STORAGE_AWAY)}

    missing = {name for name in names - NOT_BY_API if f"`{name}`" not in API}

    assert missing == set()


def test_every_scope_and_event_is_named() -> None:
    assert all(f"| `{scope}` |" in API for scope in Scope)
    assert all(f"| `{kind}` |" in EVENTS for kind in EventType)


def test_examples_are_json() -> None:
    examples = re.findall(r"```json\n(.*?)```", API + EVENTS, re.DOTALL)

    assert len(examples) == 3
    assert all(json.loads(example) for example in examples)


def test_the_code_that_checks_a_signature_works() -> None:
    (code,) = re.findall(r"```python\n(.*?)```", EVENTS, re.DOTALL)
    names: dict[str, object] = {}
    exec(code, names)  # the page's own example
    check = cast(Callable[[str, dict[str, str], bytes], bool], names["is_from_gavel"])
    now = datetime.now(UTC)
    secret = new_secret()
    event = Event("e-1", "s-1", 1, EventType.PUBLISHED, "c-1", {"comment": {}}, now, now)
    headers = signature_headers(secret, event, body(event), now)

    assert check(secret, headers, body(event))
    assert not check(secret, headers, body(event) + b" ")
    assert not check(new_secret(), headers, body(event))
    assert not check(secret, {**headers, "webhook-timestamp": "1"}, body(event))
