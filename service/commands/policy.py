"""``policy shadow``: policies in the shadow, at a terminal."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from moderation.ground.database.engine import Database
from moderation.ground.values.statuses import Action
from moderation.insight.learning.shadows import rows as store
from moderation.insight.learning.shadows import switching as shadows
from moderation.insight.learning.shadows.rows import ShadowRow
from moderation.judging.signals.registry import FOR_RULES
from moderation.operations.operating.command_line import Operated
from moderation.operations.operating.terminal import operator, site_named
from moderation.sites import rows as sites
from service.context import utc_now

LISTED = 20


@click.group()
def policy() -> None:
    """Try a policy on new comments before it decides them."""


@policy.group()
def shadow() -> None:
    """Policies in the shadow: each records what it would have done, and changes nothing."""


@shadow.command("list")
@click.argument("site_name", metavar="SITE")
@click.pass_obj
def list_shadows(context: Operated, site_name: str) -> None:
    """List those of SITE, newest first."""
    database = context.database()
    for row in _of(database, site_named(database, site_name)):
        click.echo(f"{row.started_at:%Y-%m-%d %H:%M}  {_state(row):24} {row.name}")


@shadow.command("start")
@click.argument("site_name", metavar="SITE")
@click.argument("name")
@click.option("--file", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="A whole policy as JSON.")
@click.option("--signal", type=click.Choice(list(FOR_RULES)), help="Or the policy in force with one more rule on this.")
@click.option("--limit", type=float, help="The limit of that rule.")
@click.option("--action", type=click.Choice(["flag", "reject"]), default="flag", show_default=True)
@click.pass_obj
def start_shadow(
    context: Operated,
    site_name: str,
    name: str,
    file: Path | None,
    signal: str | None,
    limit: float | None,
    action: str,
) -> None:
    """Run a policy in the shadow at SITE: the one in --file, or the one in force with a rule on --signal."""
    if (file is None) is (signal is None) or (signal is None) is not (limit is None):
        raise click.UsageError("Give either --file, or --signal and --limit.")
    database = context.database()
    site_id = site_named(database, site_name)
    if signal is not None and limit is not None:
        with database.read() as conn:
            document = sites.current_policy(conn, site_id).document
        document = shadows.with_rule(document, signal, limit, Action(action))
    else:
        document = _read(file)
    row = shadows.start(database, site_id, name, document, by=operator(), now=utc_now())
    click.echo(f"{row.name} runs in the shadow beside policy {row.base_version}")


@shadow.command("show")
@click.argument("site_name", metavar="SITE")
@click.argument("name")
@click.pass_obj
def show_shadow(context: Operated, site_name: str, name: str) -> None:
    """Print the figures of the one called NAME as one JSON object."""
    database = context.database()
    site_id = site_named(database, site_name)
    row = _named(database, site_id, name)
    counted = shadows.counted(database, site_id, row.id, now=utc_now())
    click.echo(json.dumps({"name": counted.name, "state": _state(counted), "figures": counted.figures}))


@shadow.command("stop")
@click.argument("site_name", metavar="SITE")
@click.argument("name")
@click.pass_obj
def stop_shadow(context: Operated, site_name: str, name: str) -> None:
    """Stop the one called NAME. Its figures stay."""
    database = context.database()
    site_id = site_named(database, site_name)
    shadows.stop(database, site_id, _named(database, site_id, name).id, by=operator(), now=utc_now())
    click.echo(f"{name} is stopped")


def _of(database: Database, site_id: str) -> list[ShadowRow]:
    with database.read() as conn:
        return store.of_site(conn, site_id, limit=LISTED)


def _named(database: Database, site_id: str, name: str) -> ShadowRow:
    """The newest of this name."""
    shadow = next((row for row in _of(database, site_id) if row.name == name), None)
    if shadow is None:
        raise click.ClickException(f"nothing called {name!r} ran in the shadow there")
    return shadow


def _state(row: ShadowRow) -> str:
    if row.is_running:
        return "running"
    return "stopped" if row.became is None else f"switched on as policy {row.became}"


def _read(file: Path | None) -> Any:
    assert file is not None
    try:
        read = json.loads(file.read_text(encoding="utf-8"))
    except (ValueError, OSError) as e:
        raise click.BadParameter(f"is no JSON: {e}", param_hint="--file") from e
    if not isinstance(read, dict):
        raise click.BadParameter("must be one JSON object", param_hint="--file")
    return read
