"""``./run.sh translate``: brings every catalogue in step with the sentences in the code, or begins a new one.

A translation stays as it is while its English sentence does. A sentence that is gone leaves the catalogue.
"""

from __future__ import annotations

import argparse
import ast
import sys
from collections.abc import Collection, Iterator, Sequence
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from babel import Locale, UnknownLocaleError
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po, write_po

from deploy import plugin_translations, readers_catalogues
from moderation.judging.signals.registry import SIGNALS
from moderation.sites.settings.values import DECLARED

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "service" / "translations"
OPTIONS = {"templates/**.html": {"trimmed": "true", "newstyle_gettext": "true", "encoding": "utf-8", "silent": "false"}}

KEYWORDS = {
    **DEFAULT_KEYWORDS,
    "said": None,
    "FieldProblem": (2,),
    "ngettext_noop": (1, 2),
    "NotAllowed": None,
    "NotAuthenticated": None,
}
"""The marks of a sentence: the usual names, and the errors of the core that the desk shows."""

PROGRAMS = ("api/", "auth.py", "compat/", "web/", "commands/", "checking/checks.py", "checking/advice.py", "importing/")
"""The folders and modules whose sentences programs and operators read, in English."""


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="./run.sh translate", description=__doc__)
    parser.add_argument("code", nargs="?", help="a new language: it, pt_BR")
    code = parser.parse_args(argv).code
    try:
        files = [FOLDER / f"{Locale.parse(code)}.po"] if code else sorted(FOLDER.glob("*.po"))
    except (UnknownLocaleError, ValueError):
        print(f"translate: {code!r} is no language: write it like it or pt_BR", file=sys.stderr)
        return 1
    sentences = extracted(ROOT)
    for file in files:
        catalogue = updated(file, sentences)
        file.write_bytes(written(catalogue))
        missing = sum(not is_done(message) for message in catalogue)
        print(f"{file.relative_to(ROOT)}: {missing} sentences to translate")
    for language, missing in readers_catalogues.update().items():
        print(f"the sentences to readers in {language}: {missing} to translate")
    for locale, missing in plugin_translations.update().items():
        print(f"the WordPress plugin in {locale}: {missing} sentences to translate")
    return 0


def extracted(root: Path) -> Catalog:
    """Every sentence that the code or a template marks, and those of the signals and of the settings."""
    catalog = Catalog()
    methods = [("**.py", "deploy.translations:sentences_in"), ("templates/**.html", "jinja2.ext.babel_extract")]
    for name in ("service", "moderation"):
        for file, line, message, comments, context in extract_from_dir(
            root / name,
            methods,
            OPTIONS,
            KEYWORDS,
        ):
            if file.startswith(PROGRAMS):
                continue
            catalog.add(message, locations=[(f"{name}/{file}", line)], auto_comments=comments, context=context)
    for sentence in _of_signals():
        catalog.add(sentence, locations=[("moderation/judging/signals", 1)])
    for module, sentence in _of_settings():
        catalog.add(sentence, locations=[(f"{module.replace('.', '/')}.py", 1)])
    return catalog


def sentences_in(
    module: BinaryIO,
    keywords: Collection[str],
    comment_tags: object,  # noqa: ARG001 - Babel names them
    options: object,  # noqa: ARG001
) -> Iterator[tuple[int, str, tuple[str | None, ...], list[str]]]:
    """The marked sentences of a module. Babel's own reader of Python loses a call within a call."""
    for node in ast.walk(ast.parse(module.read())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in keywords:
            yield node.lineno, node.func.id, tuple(map(_text, node.args)), []


def _text(argument: ast.expr) -> str | None:
    return argument.value if isinstance(argument, ast.Constant) and isinstance(argument.value, str) else None


def updated(file: Path, sentences: Catalog) -> Catalog:
    """The language's catalogue with these sentences and no others. Nothing is guessed from what is alike."""
    catalogue = read(file) if file.exists() else _new(file.stem)
    catalogue.update(sentences, no_fuzzy_matching=True, update_creation_date=False)
    catalogue.obsolete.clear()
    return catalogue


def read(file: Path) -> Catalog:
    """Raises PoFileError for a file that is none."""
    return read_po(BytesIO(file.read_bytes()), locale=file.stem, abort_invalid=True)


def written(catalogue: Catalog) -> bytes:
    """As a file whose lines change only with its sentences."""
    into = BytesIO()
    write_po(into, catalogue, width=120, sort_by_file=True, include_lineno=False, ignore_obsolete=True)
    return into.getvalue()


def is_done(message: Message) -> bool:
    """Whether every form of the sentence has a translation. The header, which has no sentence, counts as one."""
    return not message.id or (all(message.string) if isinstance(message.string, tuple) else bool(message.string))


def _new(code: str) -> Catalog:
    return Catalog(
        locale=code,
        header_comment="# A translation of Gavel. docs/translating.md has the rules and the glossary.",
        project="Gavel",
        version="1",
        msgid_bugs_address="",
        last_translator="",
        language_team="",
        fuzzy=False,
    )


def _of_signals() -> Iterator[str]:
    for spec in SIGNALS.values():
        yield spec.title
        yield spec.meaning


def _of_settings() -> Iterator[tuple[str, str]]:
    """Each with the module that declares it."""
    for setting in DECLARED.values():
        sentences = (setting.group.about.title, setting.title, setting.description, *setting.setting.choices.values())
        yield from ((setting.group.__module__, sentence) for sentence in sentences if sentence)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
