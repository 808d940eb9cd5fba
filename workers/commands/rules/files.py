"""``rules export`` and ``rules import``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import click

from moderation.ground.environment.clock import utc_now
from moderation.ground.errors import InvalidInput
from moderation.operations.operating.command_line import Operated
from moderation.operations.operating.terminal import operator, site_named
from moderation.sites.rules import forms, importing, markdown, writing
from moderation.sites.rules.importing import MOST_CHARS, ImportPreview, RuleFile

LINE = 100
FILES = click.Path(path_type=Path, exists=True, dir_okay=False, allow_dash=True)


@click.command("export")
@click.argument("site_name", metavar="SITE")
@click.option("--format", "kind", type=click.Choice(["markdown", "json"]), default="markdown", show_default=True)
@click.option("--version", type=click.IntRange(min=0), help="Else the newest.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="A file to write; else print it.")
@click.pass_obj
def export_rules(operated: Operated, site_name: str, kind: str, version: int | None, out: Path | None) -> None:
    """Write the rule book of SITE, with its cases."""
    with closing(operated.database()) as database:
        book = writing.rule_book(database, site_named(database, site_name), version)
    is_json = kind == "json"
    text = (
        json.dumps(forms.to_form(book), ensure_ascii=False, indent=1) + "\n" if is_json else markdown.to_markdown(book)
    )
    if out is None:
        click.echo(text, nl=False)
    else:
        out.write_text(text, encoding="utf-8")


@click.command("import")
@click.argument("site_name", metavar="SITE")
@click.argument("files", metavar="FILE…", nargs=-1, required=True, type=FILES)
@click.option("--dry-run", is_flag=True, help="Print what would change, and save nothing.")
@click.option("--yes", is_flag=True, help="Save without asking.")
@click.pass_obj
def import_rules(operated: Operated, site_name: str, files: tuple[Path, ...], dry_run: bool, yes: bool) -> None:
    """Read rules from Markdown, JSON or policies in ROOST's form into the rule book of SITE.

    Prints what would change, and asks before it saves that as a new version. Rules of the same key get the file's
    words, new cases are added, and nothing is removed.
    """
    with closing(operated.database()) as database:
        site_id = site_named(database, site_name)
        read = [_read(path) for path in files]
        preview = importing.preview(database, site_id, read)
        click.echo("\n".join(_lines(preview)))
        if dry_run or not preview.differences:
            return
        if not yes:
            click.confirm(f"Save this as version {preview.before.version + 1}?", abort=True)
        version = preview.before.version
        book = importing.import_rules(database, site_id, read, by=operator(), now=utc_now(), expected=version)
    click.echo(f"Saved as version {book.version} of the rule book.")


def _read(path: Path) -> RuleFile:
    try:
        with click.open_file(str(path), encoding="utf-8-sig") as file:
            return importing.read(file.read(MOST_CHARS + 1), by=str(operator()), now=utc_now())
    except (InvalidInput, UnicodeDecodeError) as e:
        raise click.BadParameter(f"{path}: {e}", param_hint="FILE") from e


def _lines(preview: ImportPreview) -> Iterator[str]:
    if not preview.differences:
        yield "The rule book says all of this already."
    for rule in preview.differences:
        yield f"{'new rule' if rule.is_new else 'rule'} {rule.key}: {rule.name}"
        for change in rule.words:
            yield f"  {change.field}"
            yield from (f"    - {line}" for line in change.before.splitlines())
            yield from (f"    + {line}" for line in change.after.splitlines())
        for case in rule.cases:
            line = " ".join(case.text.split())
            yield f"  new case, must be {case.must}: {line if len(line) <= LINE else line[: LINE - 1] + '…'}"
