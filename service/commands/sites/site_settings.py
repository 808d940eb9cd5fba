"""``site show`` and ``site set``: the settings of one site."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import click

from moderation.operations.operating.command_line import Operated
from moderation.operations.operating.deleting.settings import LABEL_DAYS, NOTICE_DAYS
from moderation.operations.operating.terminal import operator, site_named
from moderation.pipeline.drafts.settings import WithoutModel
from moderation.pipeline.waiting.settings import WhenDown
from moderation.sites import rows as store
from moderation.sites import sites
from moderation.sites.settings import showing
from moderation.sites.settings.rejection_reasons import DEFAULT_REASONS
from moderation.sites.settings.values import DECLARED, SiteSettings
from service.context import utc_now


class OrNone(click.ParamType[Any]):
    """A value of another type, or the word ``none``, which turns a setting off."""

    def __init__(self, inner: type[int] | type[float] | type[str]) -> None:
        self.inner = click.types.convert_type(inner)
        self.name = f"{self.inner.name}|none"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Lets ``none`` through, and leaves every other value to the inner type."""
        return value if value == "none" else self.inner.convert(value, param, ctx)


@click.command("show")
@click.argument("site_name", metavar="SITE")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def show_site(context: Operated, site_name: str, as_json: bool) -> None:
    """Show SITE's settings, but not the webhook's secret: the API gives that to a key that may `moderate`."""
    database = context.database()
    site_id = site_named(database, site_name)
    with database.read() as conn:
        _print(store.get_site(conn, site_id).settings, as_json)


@click.command("set")
@click.argument("site_name", metavar="SITE")
@click.option("--webhook-url", type=OrNone(str), help="The URL to which decisions are sent.")
@click.option("--patience-s", type=OrNone(float), help="Seconds that a comment waits while scoring is down.")
@click.option(
    "--when-scoring-is-down",
    type=click.Choice([choice.value for choice in WhenDown]),
    help="After that, `hold` sends comments to people, `rules_only` lets the rules that need no model decide.",
)
@click.option("--keep-published-days", type=OrNone(int), help="Days that published comments are kept.")
@click.option("--keep-rejected-days", type=OrNone(int), help="The same for rejected ones.")
@click.option("--keep-withdrawn-days", type=OrNone(int), help="The same for withdrawn ones.")
@click.option("--keep-withdrawn-text-days", type=OrNone(int), help="Days after which only their text goes.")
@click.option("--keep-labels-days", type=OrNone(int), help="Days that labels are kept; `none` restores the default.")
@click.option(
    "--keep-notices-days", type=OrNone(int), help="The same for notices of illegal content, after the decision."
)
@click.option(
    "--rejection-reasons",
    multiple=True,
    help="A reason that moderators choose from. Repeat the option for each, in order; `none` restores the default.",
)
@click.option(
    "--reason-details",
    help="JSON: by reason, its wordings and messages by language, whether it counts against authors, and its ground. "
    "`none` takes all away.",
)
@click.option(
    "--hide-noticed/--no-hide-noticed",
    default=None,
    help="Whether a trusted flagger's notice, or one of a comment near a limit, takes it offline unread.",
)
@click.option("--objection-days", type=int, help="Days for which authors may object to a decision, 1 to 3,650.")
@click.option("--open-appeals-per-author", type=int, help="Open appeals of one author, 1 to 100.")
@click.option("--open-appeals-per-site", type=int, help="Open appeals in all, 0 to 100,000; 0 takes none.")
@click.option("--objection-contact", type=OrNone(str), help="Where they object: an address, or words.")
@click.option("--author-ladder", help="JSON: the ladder of measures about authors; `none` takes it away.")
@click.option(
    "--comments-per-author-per-minute", type=OrNone(int), help="New comments that one reader may send in a minute."
)
@click.option("--reader-edit-minutes", type=int, help="Minutes in which a signed reader may edit a comment.")
@click.option(
    "--origins",
    multiple=True,
    help="An origin whose pages may read what is public. Give one option for each; `none` takes all away.",
)
@click.option(
    "--trusted-languages",
    multiple=True,
    help="A language, such as `fr`, whose comments are published without a person although the scores only advise. "
    "Give one option for each; `none` takes all away.",
)
@click.option("--held-languages", multiple=True, help="The same for languages whose comments all go to a person.")
@click.option(
    "--perspective-without-model",
    type=click.Choice([choice.value for choice in WithoutModel]),
    help="The answer to callers of Perspective's interface who ask for an attribute that no model measures.",
)
@click.option(
    "--perspective-score-maps",
    help="JSON: the points of each attribute's curve. `gavel compat fit-scores` fits them; `none` takes all away.",
)
@click.option("--akismet-spam-limit", type=float, help="The spam score from which on Akismet's callers hear `true`.")
@click.option(
    "--akismet-counts-toxicity/--no-akismet-counts-toxicity",
    default=None,
    help="Whether they hear it of toxic comments too.",
)
@click.option("--check-share", type=float, help="The share of the policy's decisions that people check, 0 to 0.25.")
@click.option("--check-most-per-day", type=int, help="The most of them within 24 hours.")
@click.option("--most-wrong-published", type=float, help="The share of published comments that may be wrongly so.")
@click.option("--most-wrong-rejected", type=float, help="The same for comments rejected by rule.")
@click.option("--read-per-day", type=int, help="Comments that people can read in a day.")
@click.option(
    "--group-words",
    multiple=True,
    help="`women: gals` counts a word as a mention of a group, `women: -ladies` does not count a shipped one. "
    "Give one option for each; `none` takes all away.",
)
@click.option("--coral-url", type=OrNone(str), help="The address of the Coral that sends its comments here.")
@click.option("--coral-token", type=OrNone(str), help="An access token, with which Gavel decides comments there.")
@click.option("--coral-signing-secret", type=OrNone(str), help="The secret of the moderation phase in Coral.")
@click.option("--renew-webhook-secret", is_flag=True, help="Replace the webhook's secret, and print the new one.")
@click.option(
    "--overlap-hours",
    type=click.FloatRange(min=0, max=24 * 90),
    default=24,
    show_default=True,
    help="Hours that the old secret signs deliveries too.",
)
@click.pass_obj
def set_site(
    context: Operated, /, site_name: str, renew_webhook_secret: bool, overlap_hours: float, **given: Any
) -> None:
    """Set the given settings of SITE. `none` turns a setting off."""
    database, now = context.database(), utc_now()
    site_id = site_named(database, site_name)
    with database.read() as conn:
        before = store.get_site(conn, site_id).settings
    changes = {name: _value(name, text) for name, text in given.items() if text is not None and text != ()}
    private = context.settings.private_webhooks
    settings = sites.change_settings(
        database, site_id, by=operator(), now=now, private_webhooks=private, **changes
    ).settings
    if renew_webhook_secret:
        overlap = timedelta(hours=overlap_hours)
        settings = sites.renew_secret(database, site_id, overlap=overlap, by=operator(), now=now).settings
    _print(settings, as_json=False)
    if settings.webhook_secret != before.webhook_secret:
        click.echo(f"The new secret: {settings.webhook_secret}")


def _value(name: str, given: Any) -> Any:
    if given == ("none",):
        return DEFAULT_REASONS if name == "rejection_reasons" else ()
    if isinstance(given, tuple):
        return given
    if name in _CHOICES:
        return _CHOICES[name](given)
    if name in _FORMS and given != "none":
        return _read(name, given)
    return _DEFAULTS.get(name) if given == "none" else given


_CHOICES = {"when_scoring_is_down": WhenDown, "perspective_without_model": WithoutModel}
_DEFAULTS: dict[str, Any] = {
    "keep_labels_days": LABEL_DAYS,
    "keep_notices_days": NOTICE_DAYS,
    "perspective_score_maps": {},
    "reason_details": {},
}  # where `none` is not None


def _read(name: str, given: str) -> Any:
    setting = DECLARED[name]
    try:
        return setting.of_text(given)
    except ValueError as e:
        option = f"--{name.replace('_', '-')}"
        raise click.BadParameter(f"must be JSON like {setting.setting.example}", param_hint=option) from e


_FORMS = ("perspective_score_maps", "reason_details", "author_ladder")


def _print(settings: SiteSettings, as_json: bool) -> None:
    shown = showing.shown(settings)
    if as_json:
        click.echo(json.dumps(shown, ensure_ascii=False))
        return
    for name, value in shown.items():
        click.echo(f"{name:30} {_words(value)}")


def _words(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "; ".join(value) if isinstance(value, list) and value else f"{value}" if value else "none"
