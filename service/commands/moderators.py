"""``moderator``: the people who work at the desk."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from moderation.operations.operating.command_line import Operated
from moderation.operations.operating.terminal import operator, site_named
from moderation.sites import rows as store
from moderation.sites.people import moderators, rows
from moderation.sites.people.roles import Role
from moderation.sites.people.rows import Account
from service.context import utc_now
from service.passwords import hash_password


@click.group()
def moderator() -> None:
    """People who work at the desk."""


@moderator.command("create")
@click.argument("email")
@click.option("--site", "site_name", required=True, help="The site to moderate.")
@click.option(
    "--role", type=click.Choice([role.value for role in Role]), default=Role.MODERATOR.value, show_default=True
)
@click.option("--name", help="The name that colleagues see; the first part of the address if left out.")
@click.option(
    "--password-file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False, allow_dash=True),
    help="File with the password; - reads standard input; asks for it if left out.",
)
@click.pass_obj
def create_moderator(
    context: Operated, email: str, site_name: str, role: str, name: str | None, password_file: Path | None
) -> None:
    """Create a moderator for one site."""
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


@moderator.command("list")
@click.option("--site", "site_name", help="Only those with a role at this site.")
@click.pass_obj
def list_moderators(context: Operated, site_name: str | None) -> None:
    """List the accounts with their roles. One that is closed, or has no second factor, says so."""
    database = context.database()
    with database.read() as conn:
        site = store.get_site(conn, site_named(database, site_name)).name if site_name else None
        for account in rows.accounts(conn):
            if site is None or site in account.roles:
                click.echo(f"{account.email}  {_state(account)}  {_roles(account)}  {account.name}")


def _state(account: Account) -> str:
    if account.is_closed:
        return "closed"
    return "live" if account.has_second_factor else "live, without a second factor"


def _roles(account: Account) -> str:
    return ", ".join(f"{role} at {site}" for site, role in account.roles.items()) or "no role"


@moderator.command("role")
@click.argument("email")
@click.option("--site", "site_name", required=True)
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True)
@click.pass_obj
def set_role(context: Operated, email: str, site_name: str, role: str) -> None:
    """Give a moderator a role at another site, or a different role at the same one."""
    database = context.database()
    site_id = site_named(database, site_name)
    moderators.give_role(database, email, site_id, Role(role), by=operator(), now=utc_now())
    click.echo(f"{email} is now {role} at {site_name}")


@moderator.command("reset")
@click.argument("email")
@click.option(
    "--password-file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False, allow_dash=True),
    help="File with the new password; - reads standard input; asks for it if left out.",
)
@click.pass_obj
def reset_moderator(context: Operated, email: str, password_file: Path | None) -> None:
    """Reset a moderator's password and turn off their second factor."""
    hashed = hash_password(read_password(password_file))
    moderators.reset(context.database(), email, hashed, by=operator(), now=utc_now())
    click.echo(f"{email} has a new password and no second factor; every session has ended")


@moderator.command("disable")
@click.argument("email")
@click.pass_obj
def disable_moderator(context: Operated, email: str) -> None:
    """Close an account and end its sessions at once. Its decisions keep the name."""
    moderators.disable(context.database(), email, by=operator(), now=utc_now())
    click.echo(f"{email} can no longer log in")


def read_password(path: Path | None) -> str:
    """Reads it from the file, or from standard input for ``-``, or asks twice at the terminal."""
    if path is None:
        return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
    text = sys.stdin.read() if str(path) == "-" else path.read_text(encoding="utf-8")
    return text.rstrip("\r\n")
