"""Every command that changes something leaves an entry in the audit trail, as an operator's.

The lists below name every command. A new one that is in none of them fails.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from redis import Redis

from moderation.ground.database.engine import Database
from moderation.ground.environment.settings import Settings
from moderation.ground.jobs.jobs import Queues
from moderation.ground.values.signals import Signal
from moderation.ground.values.statuses import Action, CommentStatus
from moderation.moderators.finding import audit_trail
from moderation.moderators.review import api_decisions
from moderation.operations.composition import open_database
from moderation.operations.operating import migrating
from moderation.pipeline.drafts.messages import ScoredText, ScoringAnswer
from moderation.pipeline.drafts.scoring_process import ScoringProcess
from moderation.pipeline.settling import judgements as settling
from moderation.sites import rows as store
from moderation.sites import sites
from moderation.sites.audit import rows as audit_entries
from moderation.sites.audit.rows import AuditEntry
from moderation.sites.rules import rows as rule_books
from moderation.sites.rules.values import HouseRule, RuleBook
from moderation.sites.settings.score_maps import LEAST_TEXTS
from moderation.sites.settings.values import SiteSettings
from moderation.sites.sites import NewSite
from moderation.spine.comments.tables import comments
from service.commands import cli
from service.context import utc_now
from tests.builders import OPERATOR
from tests.receivers import Receiver
from tests.service.commands.test_upkeep import id_of, submit

NOT_AUDITED = {
    "serve": "answers requests, each of which is in the list of routes",
    "migrate": "changes tables, and nothing that anybody said",
    "site list": "reads",
    "site show": "reads",
    "key list": "reads",
    "reader-secret list": "reads",
    "embed": "prints a tag",
    "texts list": "reads",
    "mode list": "reads",
    "alerts list": "reads",
    "moderator list": "reads",
    "login check": "asks the provider, and stores nothing",
    "second status": "reads",
    "status": "reads",
    "capacity": "reads",
    "idle": "reads",
    "doctor": "reads",
    "compat check": "calls the service as a client does, and stores nothing",
    "dead list": "reads",
    "policy shadow list": "reads",
    "policy shadow show": "counts figures, and changes nothing that anybody decided",
    "limits": "the same",
    "dead show": "reads",
    "transparency-report": "counts, and writes the report into files",
    "statements export": "writes a file, and reads the rest",
    "backup": "copies the database and leaves it as it is",
}


@dataclass
class Terminal:
    database: Database
    site: NewSite
    queues: Queues
    folder: Path
    environment: dict[str, str]

    def run(self, *arguments: str, input: str | None = None) -> Result:
        return CliRunner().invoke(cli, list(arguments), env=self.environment, input=input)

    def entries(self) -> list[AuditEntry]:
        """Of every site and of the installation, newest first."""
        database = open_database(self.database.url)  # restored or not: what lies there now
        with database.read() as conn:
            found = [
                entry
                for site_id in (None, *(site.id for site in store.all_sites(conn)))
                for entry in audit_entries.entries(conn, site_id, before=None, limit=100)
            ]
        database.close()
        return sorted(found, key=lambda entry: entry.id, reverse=True)

    def reader_secret(self) -> str:
        return str(json.loads(self.run("reader-secret", "create", "Site A", "--json").stdout)["kid"])

    def reset_text(self) -> Result:
        self.run("texts", "set", "Site A", "post", "Send it")
        return self.run("texts", "reset", "Site A", "post")

    def mode(self) -> str:
        return self.run("mode", "start", "Site A", "closed", "--hours", "1").stdout.split()[0]

    def alerts(self, channel: str, address: str) -> str:
        return self.run("alerts", "add", "Site A", channel, address).stdout.split()[0]

    def comment(self) -> str:
        submit(self.database, self.queues, self.site.site.id, "c-1", utc_now() - timedelta(days=9))
        return id_of(self.database, "c-1")


def retain(terminal: Terminal) -> Result:
    terminal.comment()
    with terminal.database.write() as conn:
        long_ago = utc_now() - timedelta(days=9)
        conn.execute(comments.update().values(status=CommentStatus.REJECTED, updated_at=long_ago))
        store.update_site_settings(conn, terminal.site.site.id, SiteSettings(keep_rejected_days=1))
    with pytest.MonkeyPatch.context() as patch:  # ids sort by when a comment came, and this one came just now
        patch.setattr(
            "moderation.operations.operating.deleting.retention_rows.first_id_at",
            lambda _moment: "f" * 8 + "-ffff-7fff-bfff-" + "f" * 12,
        )
        return terminal.run("retain")


def send_test(terminal: Terminal) -> Result:
    terminal.environment["WEBHOOK_ALLOW_PRIVATE"] = "yes"
    with closing(Receiver()) as receiver:
        with terminal.database.write() as conn:
            settings = SiteSettings(webhook_url=receiver.url, webhook_secret="whsec_c2VjcmV0")
            store.update_site_settings(conn, terminal.site.site.id, settings)
        return terminal.run("site", "test-webhook", "Site A")


def send_alert(terminal: Terminal) -> Result:
    terminal.environment["WEBHOOK_ALLOW_PRIVATE"] = "yes"
    with closing(Receiver()) as receiver:
        return terminal.run("alerts", "test", "Site A", terminal.alerts("slack", receiver.url))


def fit_scores(terminal: Terminal) -> Result:
    """The scoring process is one that finds every text half toxic."""
    file = terminal.folder / "scores.csv"
    file.write_text("text,TOXICITY\n" + "You again,0.7\n" * LEAST_TEXTS, encoding="utf-8")
    half = ScoredText((Signal("toxicity", 0.5, "test"),))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ScoringProcess, "score", lambda _self, texts, **_: ScoringAnswer({}, (half,) * len(texts)))
        return terminal.run("compat", "fit-scores", str(file), "--site", "Site A")


def forget_scores(terminal: Terminal) -> Result:
    fit_scores(terminal)
    return terminal.run("compat", "forget-scores", "--site", "Site A", "TOXICITY")


def retry_dead(terminal: Terminal) -> Result:
    settling.give_up(terminal.database, [terminal.comment()], now=utc_now(), detail="every attempt failed")
    return terminal.run("dead", "retry", "--all")


def restore(terminal: Terminal) -> Result:
    copy = str(terminal.folder / "copy.db")
    assert terminal.run("backup", copy).exit_code == 0
    terminal.database.close()
    return terminal.run("restore", copy, "--replace")


def delete_site(terminal: Terminal) -> Result:
    sites.create_site(terminal.database, "Site B", by=OPERATOR, now=utc_now())
    return terminal.run("site", "delete", "Site B", "--yes")


def create_moderator(terminal: Terminal) -> Result:
    create = ("moderator", "create", "ana@news.example", "--site", "Site A", "--password-file", "-")
    return terminal.run(*create, input="correct horse battery")


def import_one(terminal: Terminal) -> Result:
    past = {"id": "old", "article": {"id": "a"}, "author": {"id": "u"}, "text": "Well said.", "status": "published"}
    file = terminal.folder / "old.jsonl"
    file.write_text(json.dumps({**past, "posted_at": "2019-05-01T09:00:00Z"}))
    return terminal.run("import", str(file), "--site", "Site A")


def start_shadow(terminal: Terminal) -> Result:
    return terminal.run("policy", "shadow", "start", "Site A", "Stricter", "--signal", "toxicity", "--limit", "0.5")


def stop_shadow(terminal: Terminal) -> Result:
    start_shadow(terminal)
    return terminal.run("policy", "shadow", "stop", "Site A", "Stricter")


def connect_reader(terminal: Terminal) -> Result:
    terminal.environment["WEBHOOK_ALLOW_PRIVATE"] = "yes"
    connect = ("second", "connect", "Site A", "Llama", "--url", "http://127.0.0.1:9/v1", "--model", "llama-3")
    return terminal.run(*connect, "--key-file", "-", input="sk-secret")


def of_reader(*arguments: str) -> Callable[[Terminal], Result]:
    """A second reader of a site with a rule and a comment that the site decided."""

    def run(terminal: Terminal) -> Result:
        database, site_id, now = terminal.database, terminal.site.site.id, utc_now()
        terminal.comment()
        settling.give_up(database, [id_of(database, "c-1")], now=now)
        api_decisions.rule(database, site_id, "c-1", Action.PUBLISH, version=2, reason=None, now=now)
        book = RuleBook(site_id, 1, (HouseRule("insults", "No insults", "Be kind."),))
        with database.write() as conn:
            rule_books.save(conn, RuleBook(site_id), book, by="tests", now=now)  # what a command cannot write
        connect_reader(terminal)
        return terminal.run("second", arguments[0], "Site A", "Llama", *arguments[1:])

    return run


def of_moderator(*arguments: str) -> Callable[[Terminal], Result]:
    def run(terminal: Terminal) -> Result:
        create_moderator(terminal)
        return terminal.run("moderator", *arguments, input="correct battery horse")

    return run


def of_account(*arguments: str) -> Callable[[Terminal], Result]:
    """Of a moderator whom a provider knows as ``s-1``."""

    def run(terminal: Terminal) -> Result:
        terminal.environment |= {"OIDC_ISSUER": "https://login.example", "OIDC_CLIENT_ID": "gavel"}
        terminal.environment |= {"OIDC_CLIENT_SECRET": "s3cret", "PUBLIC_URL": "https://gavel.example"}
        create_moderator(terminal)
        linked = terminal.run("login", "link", "ana@news.example", "s-1")
        return linked if arguments == ("link",) else terminal.run("login", *arguments, "ana@news.example")

    return run


AUDITED: dict[str, Callable[[Terminal], Result]] = {
    "site create": lambda t: t.run("site", "create", "Site B"),
    "site test-webhook": send_test,
    "site delete": delete_site,
    "site set": lambda t: t.run("site", "set", "Site A", "--rejection-reasons", "Rude", "--renew-webhook-secret"),
    "key create": lambda t: t.run("key", "create", "Site A", "--name", "shop"),
    "key revoke": lambda t: t.run("key", "revoke", t.site.key.id),
    "key rotate": lambda t: t.run("key", "rotate", t.site.key.id),
    "reader-secret create": lambda t: t.run("reader-secret", "create", "Site A"),
    "reader-secret revoke": lambda t: t.run("reader-secret", "revoke", t.reader_secret()),
    "reader-secret rotate": lambda t: t.run("reader-secret", "rotate", t.reader_secret()),
    "texts set": lambda t: t.run("texts", "set", "Site A", "post", "Send it"),
    "texts reset": lambda t: t.reset_text(),
    "mode start": lambda t: t.run("mode", "start", "Site A", "slow", "--hours", "3"),
    "mode end": lambda t: t.run("mode", "end", "Site A", t.mode()),
    "alerts add": lambda t: t.run("alerts", "add", "Site A", "mail", "desk@paper.example"),
    "alerts test": send_alert,
    "alerts remove": lambda t: t.run("alerts", "remove", "Site A", t.alerts("mail", "desk@paper.example")),
    "second connect": connect_reader,
    "second try": of_reader("try", "--no-wait"),
    "second replay": of_reader("replay", "--no-wait"),
    "second trial": of_reader("trial", "--no-wait"),
    "second set": of_reader("set", "shadow"),
    "moderator create": create_moderator,
    "moderator role": of_moderator("role", "ana@news.example", "--site", "Site A", "--role", "lead"),
    "moderator reset": of_moderator("reset", "ana@news.example", "--password-file", "-"),
    "moderator disable": of_moderator("disable", "ana@news.example"),
    "login link": of_account("link"),
    "login unlink": of_account("unlink"),
    "compat fit-scores": fit_scores,
    "compat forget-scores": forget_scores,
    "failure-policy": lambda t: t.run("failure-policy", "Site A", "--patience", "600"),
    "retention": lambda t: t.run("retention", "Site A", "--rejected", "30"),
    "retain": retain,
    "rescore": lambda t: t.run("rescore", "--no-wait"),
    "dead retry": retry_dead,
    "restore": restore,
    "policy shadow start": start_shadow,
    "policy shadow stop": stop_shadow,
    "import": import_one,
}
ACTIONS = {
    "site create": {"site.created", "key.created"},
    "site test-webhook": {"webhook.tested"},
    "site delete": {"site.deletion_begun", "site.deleted"},
    "site set": {"site.settings"},
    "key create": {"key.created"},
    "key revoke": {"key.revoked"},
    "key rotate": {"key.rotated", "key.created"},
    "reader-secret create": {"reader_secret.created"},
    "reader-secret revoke": {"reader_secret.created", "reader_secret.revoked"},
    "reader-secret rotate": {"reader_secret.created", "reader_secret.rotated"},
    "texts set": {"site.texts"},
    "texts reset": {"site.texts"},
    "mode start": {"mode.started"},
    "mode end": {"mode.started", "mode.ended"},
    "alerts add": {"alert.added"},
    "alerts test": {"alert.added", "alert.tested"},
    "alerts remove": {"alert.added", "alert.removed"},
    "second connect": {"second_reader.connected"},
    "second try": {"second_reader.connected", "second_reader.replayed"},
    "second replay": {"second_reader.connected", "second_reader.replayed"},
    "second trial": {"second_reader.connected", "second_reader.examined"},
    "second set": {"second_reader.connected", "second_reader.moved"},
    "moderator create": {"account.created"},
    "moderator role": {"account.created", "person.role"},
    "moderator reset": {"account.created", "account.reset"},
    "moderator disable": {"account.created", "account.disabled"},
    "login link": {"account.created", "account.linked"},
    "login unlink": {"account.created", "account.linked", "account.unlinked"},
    "compat fit-scores": {"site.settings"},
    "compat forget-scores": {"site.settings"},
    "failure-policy": {"site.settings"},
    "retention": {"site.settings"},
    "retain": {"retention.deleted"},
    "rescore": {"rescoring.begun"},
    "dead retry": {"dead_letter.tried_again"},
    "restore": {"database.restored"},
    "policy shadow start": {"shadow.started"},
    "policy shadow stop": {"shadow.started", "shadow.stopped"},
    "import": {"history.imported"},
}


@pytest.fixture
def terminal(tmp_path: Path, redis: Redis, queues: Queues) -> Iterator[Terminal]:
    home = tmp_path / "home"
    database = open_database(Settings(gavel_home=home).resolved_database_url)
    migrating.upgrade(database)
    site = sites.create_site(database, "Site A", by=OPERATOR, now=utc_now())
    url = "redis://127.0.0.1:{port}/0".format(**redis.connection_pool.connection_kwargs)
    yield Terminal(database, site, queues, tmp_path, {"DATABASE_URL": "", "GAVEL_HOME": str(home), "REDIS_URL": url})
    database.close()


def commands(group: click.Group, *path: str) -> Iterator[str]:
    ctx = click.Context(group)
    for name in group.list_commands(ctx):
        each = group.get_command(ctx, name)
        if isinstance(each, click.Group):
            yield from commands(each, *path, name)
        else:
            yield " ".join((*path, name))


def test_every_command_is_in_one_of_the_lists() -> None:
    assert set(commands(cli)) == AUDITED.keys() | NOT_AUDITED.keys()
    assert AUDITED.keys() == ACTIONS.keys()


@pytest.mark.parametrize("command", AUDITED)
def test_a_change_at_a_terminal_is_noted_as_an_operators(terminal: Terminal, command: str) -> None:
    before = {entry.id for entry in terminal.entries()}

    result = AUDITED[command](terminal)

    assert result.exit_code == 0, (result.output, result.exception)
    made = [entry for entry in terminal.entries() if entry.id not in before]
    assert {entry.action for entry in made} == ACTIONS[command]
    assert {audit_trail.actor_in_words(entry).partition(" ")[0] for entry in made} == {"operator"}
    assert "gvl_" not in str(made) and "whsec_" not in str(made)


@pytest.mark.parametrize("command", sorted(NOT_AUDITED.keys() - {"serve"}))
def test_other_commands_change_nothing_that_the_trail_would_miss(terminal: Terminal, command: str) -> None:
    before = [entry.id for entry in terminal.entries()]
    given = {
        "site show": "Site A",
        "second status": "Site A",
        "key list": "Site A",
        "dead show": "none",
        "backup": str(terminal.folder / "c.db"),
    }

    terminal.run(*command.split(" "), *([given[command]] if command in given else []))

    assert [entry.id for entry in terminal.entries()] == before
