"""The sentences of the WordPress plugin: the template for translators, the catalogues, and the files for WordPress.

``./run.sh translate`` brings all of them in step with the plugin's PHP, and takes the sentences to readers from their
catalogue.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from moderation.ground.wording.sentences import ENGLISH, ours

PLUGIN = Path(__file__).resolve().parent.parent / "integrations" / "wordpress" / "gavel"
LANGUAGES = PLUGIN / "languages"
DOMAIN = "gavel"
COMMENT = "# Texts of Gavel for WordPress.\n# GPL-2.0-or-later, like the plugin."
_CALL = re.compile(r"""\b(?:__|esc_html__|esc_attr__)\(\s*'((?:[^'\\]|\\.)*)'\s*,\s*'(\w+)'\s*\)""")
_NOTE = re.compile(r"/\* (translators: .*?) \*/")
_HEADER = re.compile(r"^ \* (Description): +(.+)$", re.MULTILINE)
_PLACEHOLDER = re.compile(r"%(?:\d\$)?[sd]")


def update() -> dict[str, int]:
    """Writes every file. Returns how many sentences each language lacks."""
    template = template_of(PLUGIN)
    (LANGUAGES / f"{DOMAIN}.pot").write_bytes(written(template))
    missing = {}
    for file in sorted(LANGUAGES.glob(f"{DOMAIN}-*.po")):
        catalogue = read(file)
        catalogue.update(template, no_fuzzy_matching=True, update_creation_date=False)
        catalogue.obsolete.clear()
        take_over(catalogue, language_of(file))
        file.write_bytes(written(catalogue))
        file.with_suffix(".l10n.php").write_text(as_php(catalogue, locale_of(file)), encoding="utf-8")
        missing[locale_of(file)] = sum(bool(message.id) and not message.string for message in catalogue)
    return missing


def take_over(catalogue: Catalog, language: str) -> None:
    """A sentence that the catalogue of the readers has in English, to the letter, gets that catalogue's translation."""
    ids = {text: id for id, text in ours(ENGLISH).items()}
    for message in catalogue:
        if message.id in ids:
            message.string = ours(language)[ids[message.id]]


def template_of(plugin: Path) -> Catalog:
    """Every sentence that the PHP marks, with the notes for translators, and the plugin's description."""
    catalog = Catalog(header_comment=COMMENT, project="Gavel for WordPress", version="1", charset="utf-8")
    for text, notes, place in sentences(plugin):
        catalog.add(text, locations=[(place, 1)], auto_comments=notes)
    return catalog


def sentences(plugin: Path) -> Iterator[tuple[str, list[str], str]]:
    """Each marked text, what a comment before it says to translators, and its file."""
    header = _HEADER.search((plugin / "gavel.php").read_text(encoding="utf-8"))
    if header is not None:
        yield header[2], [f"{header[1]} of the plugin"], "gavel.php"
    for file in sorted(plugin.rglob("*.php")):
        if LANGUAGES.name in file.parts:
            continue
        code = file.read_text(encoding="utf-8")
        for call in _CALL.finditer(code):
            yield _plain(call[1]), _notes_before(code, call.start()), str(file.relative_to(plugin))


def _notes_before(code: str, place: int) -> list[str]:
    """WordPress' rule: the comment is on the line of the call, or on the line before."""
    lines = code[:place].split("\n")
    return _NOTE.findall("\n".join(lines[-2:]))[-1:]


def read(file: Path) -> Catalog:
    """Raises PoFileError for a file that is none."""
    return read_po(BytesIO(file.read_bytes()), locale=locale_of(file), abort_invalid=True)


def locale_of(file: Path) -> str:
    """As WordPress names it: ``de_DE``."""
    return file.stem.removeprefix(f"{DOMAIN}-")


def language_of(file: Path) -> str:
    """As the catalogues of the readers are named: ``de``."""
    return locale_of(file).partition("_")[0]


def written(catalogue: Catalog) -> bytes:
    """As a file whose lines change only with its sentences."""
    for message in catalogue:
        message.flags.discard("python-format")
        if message.id and _PLACEHOLDER.search(str(message.id)):
            message.flags.add("php-format")
    into = BytesIO()
    write_po(
        into, catalogue, width=120, sort_by_file=True, include_lineno=False, ignore_obsolete=True, omit_header=False
    )
    return re.sub(rb'^"(?:POT-Creation-Date|Generated-By): .*\n', b"", into.getvalue(), flags=re.MULTILINE)


def as_php(catalogue: Catalog, locale: str) -> str:
    """The form that WordPress reads without parsing. A sentence without a translation is left out."""
    lines = [
        f"\t\t'{_quoted(str(message.id))}' => '{_quoted(str(message.string))}',"
        for message in sorted(catalogue, key=lambda message: str(message.id))
        if message.id and message.string
    ]
    return "\n".join(
        (
            "<?php",
            "// Made from the .po file beside it by ./run.sh translate.",
            "defined( 'ABSPATH' ) || exit;",
            "return array(",
            f"\t'domain'       => '{DOMAIN}',",
            f"\t'language'     => '{locale}',",
            f"\t'plural-forms' => '{catalogue.plural_forms}',",
            "\t'messages'     => array(",
            *lines,
            "\t),",
            ");",
            "",
        )
    )


def _plain(literal: str) -> str:
    return re.sub(r"\\([\\'])", r"\1", literal)


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "\\'")
