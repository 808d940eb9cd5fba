"""Run by ``test_added_setting`` on a copy of the code that declares one more setting."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from moderation.ground.database.engine import Database
from moderation.operations.composition import open_database
from moderation.operations.operating import migrating
from moderation.sites import rows as sites
from moderation.sites import sites as site_changes
from moderation.sites.settings.values import DECLARED
from service.commands import cli
from service.context import utc_now
from tests.builders import OPERATOR
from tests.service.bodies import problem_fields
from tests.service.conftest import Caller
from tests.service.desk.browsing import Browser
from tests.service.desk.cast import Cast

NAME = "links_by_newcomers"
TITLE = "Links in the first comment of a reader"
PATH = "/v1/site/settings"

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def test_the_openapi_document_has_it(client: FlaskClient, database: Database) -> None:
    schema = client.get("/openapi.json").get_json()["components"]["schemas"]["Settings"]

    field = schema["properties"][NAME]
    assert (field["minimum"], field["maximum"], field["type"]) == (0, 30, "integer")
    assert field["description"] == f"{TITLE}. 0 allows none."


def test_the_api_reads_it_changes_it_and_refuses_it(api: Caller, database: Database) -> None:
    assert api.get(PATH).get_json()[NAME] == 2

    assert api.patch(PATH, {NAME: 7}).get_json()[NAME] == 7
    refused = api.patch(PATH, {NAME: 31})

    assert problem_fields(refused.get_json()) == [NAME]
    assert api.get(PATH).get_json()[NAME] == 7


def test_the_command_has_an_option_for_it(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GAVEL_HOME", str(tmp_path))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    own = open_database(f"sqlite:///{tmp_path / 'gavel.db'}")
    migrating.upgrade(own)
    site_changes.create_site(own, "Our paper", by=OPERATOR, now=utc_now())
    own.close()

    changed = CliRunner().invoke(cli, ["site", "set", "Our paper", "--links-by-newcomers", "9"])

    assert changed.exit_code == 0, changed.output
    shown = CliRunner().invoke(cli, ["site", "show", "Our paper", "--json"]).stdout
    assert json.loads(shown)[NAME] == 9


def test_the_desk_has_a_field_for_it_and_the_audit_trail_a_sentence(
    cast: Cast, browser: Callable[[], Browser], database: Database
) -> None:
    dora = browser().log_in("Dora")
    page = dora.get("/desk/settings", site=cast.herald.id)
    assert page.field_named(NAME) == "2"

    page.press("Save Posting", links_by_newcomers="11")

    with cast.database.read() as conn:
        assert vars(sites.get_site(conn, cast.herald.id).settings)[NAME] == 11
    assert f"{TITLE}: 2 → 11" in dora.get("/desk/audit", site=cast.herald.id).text


def test_the_code_is_the_copy_and_the_column_keeps_the_value(database: Database) -> None:
    paper = site_changes.create_site(database, "Our paper", by=OPERATOR, now=utc_now()).site

    changes: dict[str, Any] = {NAME: 3}
    site_changes.change_settings(database, paper.id, by=OPERATOR, now=utc_now(), **changes)

    with database.read() as conn:
        assert vars(sites.get_site(conn, paper.id).settings)[NAME] == 3
    assert list(DECLARED).count(NAME) == 1
    assert Path(site_changes.__file__).is_relative_to(Path.cwd())
