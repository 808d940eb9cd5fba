"""The catalogues that come with Gavel: complete, in step with the code, and with the same placeholders."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message

from deploy import translations

CODES = ("de", "es", "fr")
PLACEHOLDER = re.compile(r"%\((\w+)\)s|%%")
TAG = re.compile(r"</?\w+")
PERCENT = re.compile(r"%(?!\(\w+\)s|%)")


@cache
def sentences() -> Catalog:
    return translations.extracted(translations.ROOT)


def catalogue(code: str) -> Catalog:
    return translations.read(translations.FOLDER / f"{code}.po")


def forms(of: str | Sequence[str] | None) -> tuple[str, ...]:
    return (of,) if isinstance(of, str) else tuple(of or ())


def key(message: Message) -> tuple[str | None, tuple[str, ...]]:
    return message.context, forms(message.id)


def test_every_language_that_gavel_ships_has_a_catalogue() -> None:
    assert tuple(sorted(file.stem for file in translations.FOLDER.glob("*.po"))) == CODES


@pytest.mark.parametrize("code", CODES)
def test_a_catalogue_has_the_sentences_of_the_code_and_no_others(code: str) -> None:
    has, needs = {key(m) for m in catalogue(code) if m.id}, {key(m) for m in sentences() if m.id}

    assert (has - needs, needs - has) == (set(), set()), "run ./run.sh translate"


@pytest.mark.parametrize("code", CODES)
def test_translate_has_nothing_to_change(code: str) -> None:
    file = translations.FOLDER / f"{code}.po"

    assert translations.written(translations.updated(file, sentences())) == file.read_bytes(), "run ./run.sh translate"


@pytest.mark.parametrize("code", CODES)
def test_every_sentence_is_translated_and_none_is_a_guess(code: str) -> None:
    assert [m.id for m in catalogue(code) if not translations.is_done(m) or (m.id and m.fuzzy)] == []


@pytest.mark.parametrize("code", CODES)
def test_a_translation_has_the_placeholders_and_tags_of_its_sentence(code: str) -> None:
    for message in catalogue(code):
        if not message.id:
            continue
        for pattern in (PLACEHOLDER, TAG):
            # the singular may say "one" where the plural has a figure
            allowed = [set(pattern.findall(form)) for form in forms(message.id)]
            for said in forms(message.string or ""):
                assert set(pattern.findall(said)) in allowed, (message.id, said)


@pytest.mark.parametrize("code", CODES)
def test_no_sentence_has_a_percent_sign_that_a_template_takes_for_a_placeholder(code: str) -> None:
    for message in catalogue(code):
        said = (
            [form.replace("%%", "") for form in (*forms(message.id), *forms(message.string or ""))]
            if message.id
            else []
        )
        assert not any(PERCENT.search(form) for form in said), said


def test_a_marked_sentence_is_found_within_another_call_and_in_a_constant(tmp_path: Path) -> None:
    for name in ("service", "moderation"):
        (tmp_path / name).mkdir()
    module = 'A = N_("One")\nprint(gettext("%(x)s", x=gettext("Two" " and three")))\n'
    (tmp_path / "service" / "page.py").write_text(module, encoding="utf-8")

    assert {m.id for m in translations.extracted(tmp_path)} >= {"One", "%(x)s", "Two and three"}
