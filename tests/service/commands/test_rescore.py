from __future__ import annotations

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result
from redis import Redis

from moderation.ground.database.engine import Database
from moderation.operations.operating import migrating
from moderation.pipeline.rescoring import rescoring
from moderation.pipeline.rescoring.rows import Selection
from moderation.pipeline.rescoring.tables import rescores
from moderation.sites.sites import NewSite
from service.commands import cli
from service.context import utc_now
from tests.builders import OPERATOR
from tests.own_databases import ON_BOTH
from tests.service.bodies import a_body, settle
from tests.service.conftest import Caller


class Terminal:
    def __init__(self, database: Database, redis: Redis) -> None:
        url = "redis://127.0.0.1:{port}/0".format(**redis.connection_pool.connection_kwargs)
        self.environment = {"DATABASE_URL": database.url, "REDIS_URL": url}

    def run(self, *arguments: str) -> Result:
        return CliRunner().invoke(cli, list(arguments), env=self.environment)


@pytest.fixture
def terminal(database: Database, redis: Redis, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    monkeypatch.setattr(migrating, "check", lambda db: None)
    return Terminal(database, redis)


def marks(database: Database) -> int:
    with database.read() as conn:
        return conn.execute(sa.select(sa.func.count()).select_from(rescores)).scalar_one()


@ON_BOTH
def test_rescore_marks_what_it_was_asked_for(
    terminal: Terminal, api: Caller, other_api: Caller, database: Database, site: NewSite, other_site: NewSite
) -> None:
    for caller, one in ((api, site), (other_api, other_site)):
        for name in ("c-1", "c-2"):
            caller.post("/v1/comments", a_body(id=name))
        settle(database, one.site.id, "c-1")  # c-2 waits: it will be scored anyway

    result = terminal.run("rescore", "--site", "Site A", "--no-wait")

    assert result.exit_code == 0, result.output
    assert "1 comments of run" in result.output
    assert marks(database) == 1


@ON_BOTH
def test_a_run_cut_off_while_marking_goes_on_where_it_stopped(
    terminal: Terminal, api: Caller, database: Database, site: NewSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rescoring, "PAGE", 2)
    for number in range(5):
        api.post("/v1/comments", a_body(id=f"c-{number}"))
        settle(database, site.site.id, f"c-{number}")
    begun = rescoring.mark(
        database,
        rescoring.start(database, Selection()),
        Selection(),
        changes_only=False,
        releases=False,
        per_s=0,
        by=OPERATOR,
        now=utc_now(),
    )
    next(begun)
    del begun  # killed after one page
    assert marks(database) == 2

    result = terminal.run("rescore", "--resume", "--no-wait")

    assert "5 comments of run" in result.output
    assert marks(database) == 5


def test_there_is_nothing_to_resume_at_first(terminal: Terminal) -> None:
    result = terminal.run("rescore", "--resume")

    assert result.exit_code == 1
    assert "there is no unfinished run" in result.output


def test_a_site_sets_what_happens_while_scoring_is_down(terminal: Terminal, site: NewSite) -> None:
    before = terminal.run("failure-policy", "Site A").output
    set_to = terminal.run("failure-policy", "Site A", "--patience", "600", "--when-down", "rules_only").output
    kept = terminal.run("failure-policy", "Site A").output
    unset = terminal.run("failure-policy", "Site A", "--patience", "none").output

    assert before == unset == "Site A: comments wait without a limit\n"
    assert set_to == kept == "Site A: comments wait 600 s, then rules_only\n"


@pytest.mark.parametrize("patience", ["9", "604801", "soon"])
def test_a_patience_that_makes_no_sense_is_refused(terminal: Terminal, site: NewSite, patience: str) -> None:
    assert terminal.run("failure-policy", "Site A", "--patience", patience).exit_code != 0
