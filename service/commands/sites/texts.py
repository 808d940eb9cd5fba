"""``texts``: the sentences to readers that a site puts in place of ours."""

from __future__ import annotations

import click

from moderation.ground.wording import sentences
from moderation.operations.operating.command_line import Operated
from moderation.operations.operating.terminal import operator, site_named
from moderation.sites import own_texts as store
from moderation.sites.own_text_problems import KEPT
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
    """A site's words on the comment box and in statements, appeals, receipts and messages."""


@site_texts.command("list")
@click.argument("site_name", metavar="SITE")
@in_language
@click.pass_obj
def list_texts(context: Operated, site_name: str, language: str) -> None:
    """List each text by its id. A star marks those in SITE's own words, § those that keep the law."""
    database = context.database()
    own = store.of(database, site_named(database, site_name), language)
    for id, text in sentences.of_sites(language).items():
        click.echo(f"{'*' if id in own else ' '}{'§' if id in KEPT else ' '} {id:34} {own.get(id, text)}")


@site_texts.command("set")
@click.argument("site_name", metavar="SITE")
@click.argument("id")
@click.argument("words")
@in_language
@click.pass_obj
def set_text(context: Operated, site_name: str, id: str, words: str, language: str) -> None:
    """Show WORDS to SITE's readers in place of our text with this ID, with the same placeholders."""
    _change(context, site_name, language, id, words)


@site_texts.command("reset")
@click.argument("site_name", metavar="SITE")
@click.argument("id")
@in_language
@click.pass_obj
def reset_text(context: Operated, site_name: str, id: str, language: str) -> None:
    """Go back to our words for the text with this ID."""
    _change(context, site_name, language, id, None)
    click.echo(sentences.ours(language)[id])


def _change(context: Operated, site_name: str, language: str, id: str, words: str | None) -> None:
    database = context.database()
    site_id = site_named(database, site_name)
    store.change(database, site_id, language, id, words, by=operator(), now=utc_now())
