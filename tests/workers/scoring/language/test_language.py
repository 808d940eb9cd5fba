"""A language is detected if a text is long enough, and otherwise never guessed."""

from __future__ import annotations

import pytest

from moderation.judging.text.language_names import base_code
from workers.scoring.language.detecting import (
    LanguageDetector,
    Likely,
    are_kin,
    is_mostly_english,
    is_plainly_english,
    script_of,
)


@pytest.fixture(scope="module")
def detector() -> LanguageDetector:
    return LanguageDetector()


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("en", "The council has no idea what it is doing with our taxes."),
        ("fr", "Le ministre est un menteur et ce gouvernement est une honte"),
        ("de", "Der Minister ist ein Lügner und die Regierung eine Schande"),
        ("es", "El ministro es un mentiroso y este gobierno es una vergüenza"),
        ("pl", "Minister jest kłamcą i hańbą dla kraju"),
        ("tr", "Bakan bir yalancı ve bu hükümet bir utanç"),
        ("ru", "Министр лжец, позор правительству"),
        ("ar", "الوزير كاذب وهذه الحكومة عار"),
        ("zh", "部长是个骗子，这个政府是耻辱"),
        ("hi", "मंत्री झूठा है और यह सरकार शर्मनाक है"),
        ("sw", "Serikali haijui inachofanya na kodi zetu, ni aibu kubwa kwa nchi yetu"),
        ("so", "Dawladdu waxba kama qabato dhibaatooyinka dadka"),
        ("nl", "De minister is een leugenaar en deze regering is een schande"),
    ],
)
def test_a_sentence_is_recognised(detector: LanguageDetector, code: str, text: str) -> None:
    assert detector.detect(text, likely=Likely("en")) == code


@pytest.mark.parametrize(
    "text",
    [
        "lol",
        "you suck",
        "What a total idiot",
        "no",
        "gr8 post m8",
        "Minister Kowalski is a joke",
        "THIS IS AN OUTRAGE, SHAME ON ALL OF THEM",
        "This is a disgrace, shame on Rishi Sunak and Emmanuel Macron!",
        "tl;dr author is clueless, imo",
        "Corrupt. All of them.",
        "Im on the bus in Dallas",
        "👍👍👍",
        "123 456",
        "...",
        "https://example.com/une-page-en-francais @jean #vivelafrance",
    ],
)
def test_short_or_slangy_english_does_not_mislead(detector: LanguageDetector, text: str) -> None:
    assert detector.detect(text, likely=Likely("en")) == "en"


def test_a_short_text_is_taken_for_the_likely_language(detector: LanguageDetector) -> None:
    assert detector.detect("lol", likely=Likely("fr")) == "fr"
    assert detector.detect("lol") is None


@pytest.mark.parametrize(("given", "code"), [("sw", "sw"), ("en-GB", "en"), ("PT_br", "pt"), (" de ", "de")])
def test_what_the_site_says_is_used_as_it_is(detector: LanguageDetector, given: str, code: str) -> None:
    assert detector.detect("The council has no idea what it is doing.", given=given) == code
    assert base_code(given) == code


def test_english_in_cyrillic_look_alikes_is_not_another_script(detector: LanguageDetector) -> None:
    assert detector.detect("уоu аrе а ѕоrе ореrа", likely=Likely("en")) == "en"


@pytest.mark.parametrize(
    ("article", "text"),
    [
        (Likely("en", "LATIN"), "yo hamburger is nice"),
        (Likely("de", "LATIN"), "So ein Quatsch, Minister"),
        (Likely("ru", "CYRILLIC"), "Слава Україні"),
        (Likely("ko", "HANGUL"), "바보 같은 소리"),
        (Likely("zh", "CJK"), "部长辞职"),
    ],
)
def test_a_few_words_in_the_articles_script_are_taken_for_its_language(
    detector: LanguageDetector, article: Likely, text: str
) -> None:
    assert detector.detect(text, likely=article) == article.language


def test_a_few_words_in_another_script_are_not(detector: LanguageDetector) -> None:
    korean = "바보 같은 소리"

    assert detector.detect(korean, likely=Likely("en", "LATIN")) == "ko"


def test_languages_that_detectors_mix_up_are_no_evidence_against_each_other() -> None:
    assert are_kin("hr", "sr")
    assert are_kin("nb", "no")
    assert are_kin("de", "de")
    assert not are_kin("de", "nl")


@pytest.mark.parametrize(
    ("script", "text"),
    [
        ("LATIN", "Grüße 12"),
        ("CYRILLIC", "привет all"),
        ("HANGUL", "바보"),
        (None, "12 !"),
    ],
)
def test_the_script_is_that_of_most_letters(script: str | None, text: str) -> None:
    assert script_of(text) == script


@pytest.mark.parametrize(
    ("prose", "expected"),
    [
        ("the council has no idea what it is doing with our taxes", True),
        ("i don't think that they will ever build this road", True),
        ("we have no idea", False),  # too short
        ("the council has no idea, ihr seid alle korrupt und dumm", False),
        ("no me digas que a ti te importa so un total error", False),
        ("the council has no idea what it is doing 政府完全不知道自己在做什么你们都是一群废物", False),
    ],
)
def test_a_text_of_common_words_is_english_without_a_detector(prose: str, expected: bool) -> None:
    assert is_plainly_english(prose) is expected


def test_plain_english_under_an_article_in_another_language_is_detected(detector: LanguageDetector) -> None:
    text = "The council has no idea what it is doing with our taxes and it never had one."

    assert detector.detect(text, likely=Likely("de")) == "en"


@pytest.mark.parametrize(
    "text",
    [
        "The Alternative für Deutschland and the Bundesverfassungsgericht disagree about the Grundgesetz.",
        "Liberté, égalité, fraternité: not in this town.",
        "I bet you can't say Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz.",
        "Haha bitch ass gucci",
    ],
)
def test_names_and_loans_do_not_make_a_mostly_english_text_foreign(detector: LanguageDetector, text: str) -> None:
    assert detector.detect(text, likely=Likely("en")) == "en"


@pytest.mark.parametrize(
    ("prose", "expected"),
    [
        ("the council und so", True),
        ("the und nicht", False),
        ("the council has no idea 政府完全", False),
        ("", False),
        ("123", False),
    ],
)
def test_half_of_the_words_make_a_text_mostly_english(prose: str, expected: bool) -> None:
    assert is_mostly_english(prose) is expected
