"""``texts``: the words of the comment box that a site puts in place of ours."""

from __future__ import annotations

import click

from moderation.ground.wording import sentences
from moderation.operations.operating.command_line import Operated
from moderation.operations.operating.terminal import operator, site_named
from moderation.readers.pages import site_texts as store
from service.api.pages import texts
from service.context import utc_now

in_language = click.option(
    "--language",
    type=click.Choice(sentences.LANGUAGES),
    default=sentences.ENGLISH,
    show_default=True,
    help="Of the words.",
)


@click.group("texts")
def site_texts() -> None:
    """The words of a site's comment box."""


@site_texts.command("list")
@click.argument("site_name", metavar="SITE")
@in_language
@click.pass_obj
def list_texts(context: Operated, site_name: str, language: str) -> None:
    """List each text of SITE's comment box by its code. A star marks those in SITE's own words."""
    database = context.database()
    own = store.of(database, site_named(database, site_name), language)
    for code, text in sentences.of_box(language).items():
        click.echo(f"{'*' if code in own else ' '} {code:29} {own.get(code, text)}")


@site_texts.command("set")
@click.argument("site_name", metavar="SITE")
@click.argument("code")
@click.argument("words")
@in_language
@click.pass_obj
def set_text(context: Operated, site_name: str, code: str, words: str, language: str) -> None:
    """Show WORDS in SITE's comment box in place of the text CODE. They may use the placeholders of ours."""
    texts.check(language, {code: words})
    _change(context, site_name, language, code, words)


@site_texts.command("reset")
@click.argument("site_name", metavar="SITE")
@click.argument("code")
@in_language
@click.pass_obj
def reset_text(context: Operated, site_name: str, code: str, language: str) -> None:
    """Go back to our words for the text CODE."""
    known = sentences.of_box(language)
    texts.check(language, {code: known.get(code, "")})
    _change(context, site_name, language, code, None)
    click.echo(known[code])


def _change(context: Operated, site_name: str, language: str, code: str, words: str | None) -> None:
    database = context.database()
    site_id = site_named(database, site_name)
    store.change(database, site_id, language, code, words, by=operator(), now=utc_now())
