"""``login``: whether the login provider is set up rightly, and whose account a person there has."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import click

from moderation.ground.environment.settings import Settings
from moderation.operations.operating.command_line import Operated
from moderation.operations.operating.terminal import operator
from moderation.sites.people import groups, identities
from service.context import utc_now
from service.openid.client import NOT_OURS, OpenId
from service.openid.id_tokens import LEEWAY_S
from service.openid.keys import ALGORITHMS
from service.openid.problems import ProviderProblem, shown

RETURN_PATH = "/desk/login/callback"


@click.group()
def login() -> None:
    """Logging in with a provider (OpenID Connect)."""


@login.command("check")
@click.pass_context
def check(ctx: click.Context) -> None:
    """Ask the provider what a login will ask, and say what is wrong: exit code 0, or 1."""
    context: Operated = ctx.obj
    provider = _provider(context.settings)
    try:
        said = [*_found(provider, context.settings)]
    except ProviderProblem as e:
        raise click.ClickException(f"the provider: {e.detail}") from e
    with context.database().read() as conn:
        unknown = groups.unknown_sites(conn, context.settings.oidc_roles)
    problems = [problem for problem in said if problem.startswith("wrong: ")]
    problems += [f"wrong: OIDC_ROLES names {shown(name)}, and no site has this name" for name in unknown]
    for line in (*(line for line in said if line not in problems), *problems):
        click.echo(line)
    click.echo("people can log in" if not problems else f"{len(problems)} to mend")
    ctx.exit(1 if problems else 0)


def _provider(settings: Settings) -> OpenId:
    provider = OpenId.of(settings)
    if provider is None:
        raise click.ClickException("OIDC_ISSUER is not set: people log in with a password")
    return provider


def _found(provider: OpenId, settings: Settings) -> Iterator[str]:
    """Raises ProviderProblem. Lines that begin with ``wrong`` are to be mended."""
    described = provider.provider()
    yield f"provider: {described.issuer}"
    yield f"keys: {len(provider.keys())}"
    if described.algorithms and not described.algorithms & set(ALGORITHMS):
        yield f"wrong: it signs by {', '.join(sorted(described.algorithms))} only; Gavel needs a public key"
    yield from _of_clock(described.date)
    yield from _of_credentials(provider)
    if not settings.public_url:
        yield "wrong: PUBLIC_URL is not set, so the address to return to depends on how people open the desk"
    else:
        yield f"redirect address to enter there: {settings.public_url}{RETURN_PATH}"
        yield f"address after log-out to enter there: {settings.public_url}/desk/login"
    if urlsplit(settings.public_url).scheme == "http" and not settings.demo:
        yield "wrong: PUBLIC_URL must begin with https://, or browsers keep no login"
    if not settings.oidc_roles:
        yield "OIDC_ROLES is empty: admins invite people, by their verified address"


def _of_clock(date: str) -> Iterator[str]:
    try:
        there = parsedate_to_datetime(date).astimezone(UTC)
    except (TypeError, ValueError):
        return
    apart_s = (utc_now() - there).total_seconds()
    if abs(apart_s) > LEEWAY_S:
        which = "ahead of" if apart_s > 0 else "behind"
        yield f"wrong: the clock here is {abs(apart_s):.0f} s {which} the provider's; {LEEWAY_S} s are allowed"


def _of_credentials(provider: OpenId) -> Iterator[str]:
    """A code that is none: a provider that knows Gavel refuses the code, another one refuses Gavel."""
    form = {"grant_type": "authorization_code", "code": "check", "redirect_uri": "https://gavel.invalid/"}
    answer = provider.ask_for_tokens({**form, "code_verifier": "check" * 9})
    if answer.error in NOT_OURS or answer.status == 401:
        yield "wrong: it does not know OIDC_CLIENT_ID, or OIDC_CLIENT_SECRET is wrong"
    elif answer.error == "invalid_grant":
        yield "client id and secret: accepted"
    else:
        yield f"client id and secret: not certain, it answered {answer.status} {shown(answer.error)}"


@login.command("link")
@click.argument("email")
@click.argument("subject")
@click.pass_obj
def link(context: Operated, email: str, subject: str) -> None:
    """Connect a moderator's account with the person whose subject (`sub`) at the provider this is."""
    issuer = _provider(context.settings).registration.issuer
    identities.connect_by_operator(context.database(), email, issuer, subject, by=operator(), now=utc_now())
    click.echo(f"{email} logs in as {subject} at {issuer}")


@login.command("unlink")
@click.argument("email")
@click.pass_obj
def unlink(context: Operated, email: str) -> None:
    """End the connection of a moderator's account, and its sessions."""
    issuer = _provider(context.settings).registration.issuer
    database, now = context.database(), utc_now()
    was_connected = identities.disconnect_by_operator(database, email, issuer, by=operator(), now=now)
    click.echo(f"{email} is no longer connected" if was_connected else f"{email} was not connected")
