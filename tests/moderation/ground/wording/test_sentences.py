"""The sentences to readers and authors: complete in each language, with the same placeholders, and compiled."""

from __future__ import annotations

import re

import pytest

from deploy import readers_catalogues
from moderation.ground.wording import sentences
from moderation.ground.wording.sentences import FOLDER, LANGUAGES, Sentences
from moderation.sites.own_text_problems import MAX_CHARS


def test_there_is_a_catalogue_for_each_language() -> None:
    assert tuple(sorted(file.stem for file in FOLDER.glob("*.po"))) == LANGUAGES


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_texts_are_those_of_the_catalogue(language: str) -> None:
    catalogue = readers_catalogues.read(FOLDER / f"{language}.po")

    compiled = readers_catalogues.as_json(readers_catalogues.compiled(catalogue))

    assert (FOLDER / f"{language}.json").read_text(encoding="utf-8") == compiled, "./run.sh translate"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_sentence_with_the_same_placeholders(language: str) -> None:
    english, texts = sentences.ours("en"), sentences.ours(language)

    assert list(texts) == list(english)
    for id, text in texts.items():
        assert text.strip() == text != "", id
        assert sentences.placeholders(text) == sentences.placeholders(english[id]), id
        assert len(text) <= MAX_CHARS, id


def test_no_catalogue_has_a_fuzzy_sentence() -> None:
    fuzzy = [
        (file.stem, message.id)
        for file in FOLDER.glob("*.po")
        for message in readers_catalogues.read(file)
        if message.id and message.fuzzy
    ]

    assert fuzzy == []


def test_a_plural_has_the_forms_that_a_browser_asks_for() -> None:
    polish, german = sentences.ours("pl"), sentences.ours("de")

    counts = {id for id in polish if id.startswith("count_")}

    assert counts == {"count_none", "count_one", "count_few", "count_many"}
    assert polish["count_few"] == "{count} komentarze"
    assert german["count_few"] == german["count_many"]


@pytest.mark.parametrize(("asked", "given"), [("de-AT", "de"), ("PT-br", "pt"), ("sv", "en"), ("", "en"), (None, "en")])
def test_the_nearest_language_is_spoken(asked: str | None, given: str) -> None:
    assert sentences.spoken(asked).language == given


def test_a_sentence_fills_in_what_it_names_and_nothing_else() -> None:
    said = Sentences("en", {"a": "On {day}, {unknown} and {day}: {} {text"})

    assert said.say("a", day="2026-03-02", other="x") == "On 2026-03-02, {unknown} and 2026-03-02: {} {text"


def test_the_box_gets_its_own_texts_alone() -> None:
    box = sentences.of_box("it")

    assert {"write_first", "notice_why", "appeal", "problem_not_kept", "receipt", "report_spam"} <= box.keys()
    assert not {"statement_scope", "appeal_heading", "receipt_title", "measure_ban", "rule_spam"} & box.keys()


@pytest.mark.parametrize(
    ("language", "address"),
    [("pl", r"Pan(i|a)?\b|Ci(ebie)?\b|Tw[oó]j"), ("it", r"\bsu(o|a|oi|e)\b|\b[Pp]u(ò|oi)\b|\btu")],
)
def test_a_message_about_a_measure_fits_the_box_and_letters(language: str, address: str) -> None:
    """In these languages the box is familiar and letters are formal: the message goes with both."""
    texts = {id: text for id, text in sentences.ours(language).items() if id.startswith("measure_")}

    assert len(texts) > 5
    assert {id: text for id, text in texts.items() if re.search(address, text)} == {}
