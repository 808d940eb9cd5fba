"""``python -m service``: serve, migrate, and the few things that no page can do: sites, keys and moderators."""

from __future__ import annotations

import json
import logging
import os
import sys
from dataclasses import dataclass
from pathlib import Path

import click
from sqlalchemy.exc import InterfaceError, OperationalError

from moderation.errors import GavelError, NotFound
from moderation.monitoring import logs
from moderation.operating import migrating
from moderation.people import keys, moderators, sites
from moderation.people.keys import Scope
from moderation.people.roles import Role
from moderation.settings import Settings
from moderation.store import sites as store
from moderation.store.database import Database
from service import commands
from service.commands.context import operator
from service.context import utc_now

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Context:
    settings: Settings

    def database(self) -> Database:
        """Raises StorageNotReady unless the database is migrated."""
        database = Database(self.settings.resolved_database_url, pool_size=1)
        migrating.check(database)
        return database


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Gavel's web service. Settings come from the environment; docs/operating.md lists them."""
    settings = Settings.from_env(os.environ)
    logs.set_up(settings.log_level, settings.log_format)
    ctx.obj = Context(settings)


@cli.command()
@click.pass_obj
def serve(context: Context) -> None:
    """Serve the API and the desk until SIGTERM."""
    from service.server import serve as run  # noqa: PLC0415 - the other commands need no server

    context.settings.refuse_placeholders()
    database = context.database()
    if migrating.is_newer(database):
        log.warning("a newer version has migrated the database")
    database.close()
    run(context.settings)


@cli.command()
@click.pass_obj
def migrate(context: Context) -> None:
    """Create the database's tables, or bring them up to date."""
    database = Database(context.settings.resolved_database_url, pool_size=1)
    migrating.upgrade(database)
    with database.read() as conn:
        click.echo(f"the database is at revision {migrating.revision_of(conn)}")


@cli.group()
def site() -> None:
    """Sites: each has its own comments, policy, keys and moderators."""


@site.command("create")
@click.argument("name")
@click.option("--webhook-url", help="Where the site wants to hear of decisions.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def create_site(context: Context, name: str, webhook_url: str | None, as_json: bool) -> None:
    """Create a site with the default policy, and print its key, once."""
    made = sites.create_site(context.database(), name, by=operator(), now=utc_now(), webhook_url=webhook_url)
    show(as_json, site_id=made.site.id, api_key=made.key.token, **_secret(made.site))


@site.command("list")
@click.pass_obj
def list_sites(context: Context) -> None:
    """List the sites with their ids."""
    with context.database().read() as conn:
        for each in store.all_sites(conn):
            click.echo(f"{each.id}  {each.name}")


@cli.group()
def key() -> None:
    """Keys that sites call with."""


@key.command("create")
@click.argument("site_name", metavar="SITE")
@click.option("--name", default="key", show_default=True, help="What it is for.")
@click.option("--scopes", default=",".join(Scope), show_default=True, help="What it may do, with commas.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def create_key(context: Context, site_name: str, name: str, scopes: str, as_json: bool) -> None:
    """Create another key for SITE, and print it, once."""
    try:
        wanted = {Scope(scope.strip()) for scope in scopes.split(",")}
    except ValueError as e:
        raise click.BadParameter(f"{e}; there are {', '.join(Scope)}", param_hint="--scopes") from e
    database = context.database()
    site_id = site_named(database, site_name)
    made = keys.create_key(database, site_id, name=name, scopes=sorted(wanted), by=operator(), now=utc_now())
    show(as_json, key_id=made.id, api_key=made.token)


@key.command("revoke")
@click.argument("key_id")
@click.pass_obj
def revoke_key(context: Context, key_id: str) -> None:
    """End a key for good; the service stops taking it within seconds."""
    keys.revoke_key(context.database(), key_id, by=operator(), now=utc_now())
    click.echo("revoked")


@key.command("list")
@click.argument("site_name", metavar="SITE")
@click.pass_obj
def list_keys(context: Context, site_name: str) -> None:
    """List SITE's keys with their ids. The keys themselves are not kept."""
    database = context.database()
    site_id = site_named(database, site_name)
    with database.read() as conn:
        for each in store.keys_of(conn, site_id):
            state = "revoked" if each.revoked_at else f"until {each.expires_at:%Y-%m-%d}" if each.expires_at else "live"
            click.echo(f"{each.id}  {state:7}  {','.join(sorted(each.scopes))}  {each.name}")


@cli.group()
def moderator() -> None:
    """People who work at the desk."""


@moderator.command("create")
@click.argument("email")
@click.option("--site", "site_name", required=True, help="The site to moderate.")
@click.option(
    "--role", type=click.Choice([role.value for role in Role]), default=Role.MODERATOR.value, show_default=True
)
@click.option("--name", help="As shown to colleagues; the address's first part if left out.")
@click.option(
    "--password-file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False, allow_dash=True),
    help="Holds the password, - reads it from standard input; asked for if left out.",
)
@click.pass_obj
def create_moderator(
    context: Context, email: str, site_name: str, role: str, name: str | None, password_file: Path | None
) -> None:
    """Create a moderator for one site."""
    from service.passwords import hash_password  # noqa: PLC0415 - argon2 is for this command only

    database = context.database()
    site_id = site_named(database, site_name)
    moderator_id = moderators.create_moderator(
        database,
        email=email,
        name=name or email.partition("@")[0],
        password_hash=hash_password(read_password(password_file)),
        roles={site_id: Role(role)},
        by=operator(),
        now=utc_now(),
    )
    click.echo(f"moderator {moderator_id}")


@moderator.command("role")
@click.argument("email")
@click.option("--site", "site_name", required=True)
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True)
@click.pass_obj
def set_role(context: Context, email: str, site_name: str, role: str) -> None:
    """Give a moderator a role at another site, or another role at one."""
    database = context.database()
    site_id = site_named(database, site_name)
    moderators.give_role(database, email, site_id, Role(role), by=operator(), now=utc_now())
    click.echo(f"{email} is {role} of {site_name}")


@moderator.command("reset")
@click.argument("email")
@click.option(
    "--password-file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False, allow_dash=True),
    help="Holds the new password, - reads it from standard input; asked for if left out.",
)
@click.pass_obj
def reset_moderator(context: Context, email: str, password_file: Path | None) -> None:
    """Set a new password for who lost theirs, or their second factor, which is switched off."""
    from service.passwords import hash_password  # noqa: PLC0415 - argon2 is for this command only

    hashed = hash_password(read_password(password_file))
    moderators.reset(context.database(), email, hashed, by=operator(), now=utc_now())
    click.echo(f"{email} has a new password and no second factor; every session has ended")


@moderator.command("disable")
@click.argument("email")
@click.pass_obj
def disable_moderator(context: Context, email: str) -> None:
    """End an account and its sessions at once. What was decided stays under the name."""
    moderators.disable(context.database(), email, by=operator(), now=utc_now())
    click.echo(f"{email} can no longer log in")


for _command in commands.ALL:
    cli.add_command(_command)
key.add_command(commands.rotate_key)
site.add_command(commands.set_site)
site.add_command(commands.show_site)


def read_password(path: Path | None) -> str:
    if path is None:
        return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
    text = sys.stdin.read() if str(path) == "-" else path.read_text(encoding="utf-8")
    return text.rstrip("\r\n")


def site_named(database: Database, name: str) -> str:
    """The site's id, by its name or its id. Raises NotFound."""
    with database.read() as conn:
        found = next((s for s in store.all_sites(conn) if name in (s.name, s.id)), None)
    if found is None:
        raise NotFound("site", name)
    return found.id


def show(as_json: bool, **values: str) -> None:
    if as_json:
        click.echo(json.dumps(values))
        return
    for name, value in values.items():
        click.echo(f"{name:15} {value}")
    click.echo("Keep the key now: it is not shown again.", err=True)


def _secret(made: store.Site) -> dict[str, str]:
    secret = made.settings.webhook_secret
    return {"webhook_secret": secret} if secret else {}


def main() -> int:
    try:
        cli.main(prog_name="python -m service", standalone_mode=False)
    except click.exceptions.Exit as e:
        return e.exit_code
    except click.ClickException as e:
        e.show()
        return e.exit_code
    except (click.Abort, KeyboardInterrupt):
        return 130
    except GavelError as e:
        click.echo(f"service: {e}", err=True)
        return 2
    except (OperationalError, InterfaceError) as e:
        click.echo(f"service: the database does not answer: {logs.clean(str(e.orig))}", err=True)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
