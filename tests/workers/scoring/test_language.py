"""A language is detected if a text is long enough, and otherwise never guessed."""

from __future__ import annotations

import pytest

from workers.scoring.language import LanguageDetector, base_code


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
    assert detector.detect(text, likely="en") == code


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
    assert detector.detect(text, likely="en") == "en"


def test_a_short_text_is_taken_for_the_likely_language(detector: LanguageDetector) -> None:
    assert detector.detect("lol", likely="fr") == "fr"
    assert detector.detect("lol") is None


@pytest.mark.parametrize(("given", "code"), [("sw", "sw"), ("en-GB", "en"), ("PT_br", "pt"), (" de ", "de")])
def test_what_the_site_says_is_used_as_it_is(detector: LanguageDetector, given: str, code: str) -> None:
    assert detector.detect("The council has no idea what it is doing.", given=given) == code
    assert base_code(given) == code


def test_english_in_cyrillic_look_alikes_is_not_another_script(detector: LanguageDetector) -> None:
    assert detector.detect("уоu аrе а ѕоrе ореrа", likely="en") == "en"
