"""``limits``: the limits that reach a wish, counted over one site's own comments."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import click

from moderation.insight.learning.limits import wished_limits
from moderation.operations.operating.command_line import Operated
from moderation.operations.operating.terminal import site_named
from service.context import utc_now

SHARE = click.FloatRange(0, 1, min_open=True, max_open=True)
GROUPS = {"published": "published by the policy", "flagged": "sent to people", "rejected": "rejected by the policy"}


@click.command("limits")
@click.option("--site", "site_name", required=True, metavar="SITE", help="The site, by its name or id.")
@click.option(
    "--signal",
    type=click.Choice(list(wished_limits.SCORES)),
    default=wished_limits.USUAL,
    show_default=True,
    help="The score that the limits are of.",
)
@click.option("--wish", type=SHARE, help="Of what is published without a person, the share that may be wrong.")
@click.option("--wish-rejected", type=SHARE, help="The same of what is rejected by rule.")
@click.option("--read-per-day", type=click.IntRange(min=1), help="How many comments people can read a day.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def count_limits(
    context: Operated,
    site_name: str,
    signal: str,
    wish: float | None,
    wish_rejected: float | None,
    read_per_day: int | None,
    as_json: bool,
) -> None:
    """Count the limits that reach the wishes of SITE, over the comments that its people decided and checked.

    Wishes that are left out are those of the site's settings. The policy stays as it is; the desk shows the same
    figures under Learning, Limits.
    """
    database = context.database()
    site_id = site_named(database, site_name)
    given = {"wrong_published": wish, "wrong_rejected": wish_rejected, "read_per_day": read_per_day}
    asked: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    wishes = replace(wished_limits.wishes_of(database, site_id), **asked)
    content = wished_limits.count(database, site_id, signal, wishes, now=utc_now()).content
    if as_json:
        click.echo(json.dumps(content))
        return
    _print(content)


def _print(content: Mapping[str, Any]) -> None:
    wishes = content["wishes"]
    click.echo(f"{content['signal']}, over {content['days']:.0f} days with {content['per_day']:.0f} comments a day")
    for group, words in GROUPS.items():
        lacks = "  (too few)" if group in content["lacking"] else ""
        click.echo(f"  {words:24} {content['verdicts'][group]:>9,}  judged {content['judged'][group]:>6,}{lacks}")
    if not content["curve"]:
        click.echo("Nothing can be said yet: people must decide or check more of them.")
        return
    click.echo(_line("today", content["today"]))
    own, missing = wishes["wrong_published"], dict(content["missing"])
    click.echo(_line(f"wish: {own:.2%} wrongly published", content["publishing"], missing[own]))
    click.echo(_line(f"people read {wishes['read_per_day']:,} a day", content["readable"]))
    for wish, point in content["offered"]:
        click.echo(_line(f"{wish:.2%} wrongly published", point, missing[wish]))
    rejecting = content["rejecting"]
    if rejecting is None:
        click.echo(f"rejecting by rule: no limit surely keeps to {wishes['wrong_rejected']:.2%} wrongly rejected")
    else:
        of_all = f"{rejecting['automated']:.1%} of all comments"
        click.echo(f"rejecting by rule: at {rejecting['limit']:g}, {_within(rejecting['wrong'])} wrong, {of_all}")


def _line(words: str, point: Mapping[str, Any] | None, missing: int | None = None) -> str:
    if point is None:
        return f"{words:32} " + (f"not yet sure: {missing:,} more checks needed" if missing else "no limit reaches it")
    limit = "no limit" if point["limit"] is None else f"at {point['limit']:g}"
    rest = f"{point['automated']:.1%} without a person, {point['held_per_day']:.0f} a day to read"
    return f"{words:32} {limit:9} {_within(point['wrong'])} wrong, {rest}"


def _within(share: Mapping[str, float] | None) -> str:
    return "none" if share is None else f"{share['share']:.2%} ({share['low']:.2%} to {share['high']:.2%})"
