"""The sentences to readers: compiles their catalogues to the JSON that Gavel and the comment box read.

The forms of a plural become one text for each category of CLDR, by which browsers choose: ``count_one``, ``count_few``.
"""

from __future__ import annotations

import json
from gettext import c2py
from io import BytesIO
from pathlib import Path

from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from moderation.ground.wording.sentences import FOLDER

CATEGORIES = ("one", "few", "many")
"""Each language has all of them, so that a site can word them: the last form stands in for one that it lacks."""
_NUMBERS = range(200)  # no language of ours has a rule that these do not show


def update() -> dict[str, int]:
    """Writes every file. Returns how many sentences each language lacks."""
    english = read(FOLDER / "en.po")
    missing = {}
    for file in sorted(FOLDER.glob("*.po")):
        catalogue = read(file)
        texts = compiled(catalogue)
        file.with_suffix(".json").write_text(as_json(texts), encoding="utf-8")
        missing[file.stem] = len(compiled(english).keys() - texts.keys())
    return missing


def read(file: Path) -> Catalog:
    """Raises PoFileError for a file that is none."""
    return read_po(BytesIO(file.read_bytes()), locale=file.stem, abort_invalid=True)


def compiled(catalogue: Catalog) -> dict[str, str]:
    """The texts by id. A sentence without a text, or marked as fuzzy, is left out."""
    texts: dict[str, str] = {}
    for message in catalogue:
        if not message.id or message.fuzzy:
            continue
        if isinstance(message.id, tuple) and isinstance(message.string, tuple):
            texts |= _forms(catalogue, message.id[0], message.string)
        elif message.string:
            texts[str(message.id)] = str(message.string)
    return texts


def as_json(texts: dict[str, str]) -> str:
    return json.dumps(texts, ensure_ascii=False, indent=1) + "\n"


def _forms(catalogue: Catalog, id: str, forms: tuple[str, ...]) -> dict[str, str]:
    assert catalogue.locale is not None
    rule = Locale.parse(str(catalogue.locale)).plural_form
    by_category: dict[str, str] = {}
    for number in _NUMBERS:
        by_category.setdefault(rule(number), forms[_index(catalogue, number)])
    return {f"{id}_{name}": by_category.get(name, forms[-1]) for name in CATEGORIES}


def _index(catalogue: Catalog, number: int) -> int:
    """The form that the catalogue's own rule chooses."""
    return int(c2py(catalogue.plural_expr)(number))
