"""How much of a comment is written in capitals."""

from __future__ import annotations

import pytest

from moderation.ground.values.signals import Signal
from moderation.judging.signals.spec import Measured
from moderation.judging.signals.texts.shouting import ORDINARY_IN, SHOUTING, shouting
from moderation.judging.text.language_names import NAMES
from tests.builders import a_comment, a_comment_to_score, an_article


def quotes(text: str, measured: Measured) -> list[str]:
    return [text[span.start : span.end] for span in measured.evidence]


@pytest.mark.parametrize("letters", [0, 1, 19])
def test_it_abstains_under_20_letters(letters: int) -> None:
    signal = shouting("A" * letters + " 123 !!!")

    assert (signal.value, signal.abstained) == (None, "too short")


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("A" * 20, 1.0),
        ("a" * 20, 0.0),
        ("nothing here is loud at all", 0.0),
        ("THIS IS A COMPLETE DISGRACE", 1.0),
        ("this is a COMPLETE disgrace", pytest.approx(8 / 23)),
        ("ÇA SUFFIT MAINTENANT, ASSEZ", 1.0),
    ],
)
def test_it_is_the_share_of_capitals_among_letters(text: str, share: float) -> None:
    assert shouting(text).value == share


@pytest.mark.parametrize("text", ["NATO and the EU answered in one voice", "the CEO of IBM met the FTC about the case"])
def test_acronyms_are_no_shouting(text: str) -> None:
    signal = shouting(text)

    assert signal.value == 0
    assert signal.evidence == ()


def test_an_acronym_inside_a_shout_is_part_of_it() -> None:
    text = "STOP NATO NOW said the banner at the gate"

    signal = shouting(text)

    assert signal.value == pytest.approx(11 / 33)
    assert quotes(text, signal) == ["STOP NATO NOW"]


def test_a_text_of_acronyms_alone_is_too_short_to_judge() -> None:
    assert shouting("NATO, and ASEAN; or OPEC").abstained == "too short"


def test_a_script_without_capitals_is_no_shouting() -> None:
    assert shouting("この記事はとても分かりやすくて助かりました。ありがとうございます。").abstained == "too short"


def test_each_shout_carries_its_share() -> None:
    text = "NEVER AGAIN FRIENDS is what they all said, and then they did it AGAIN AND AGAIN"

    signal = shouting(text)

    assert quotes(text, signal) == ["NEVER AGAIN FRIENDS", "AGAIN AND AGAIN"]
    assert sum(span.weight for span in signal.evidence) == pytest.approx(1)


LOUD = "ESTO ES UNA COMPLETA VERGÜENZA"


def measured(of_comment: str | None, of_article: str | None) -> Signal:
    comment = a_comment(LOUD, language=of_comment)
    return SHOUTING.signal_of(a_comment_to_score(comment=comment, article=an_article(language=of_article)))


@pytest.mark.parametrize(
    ("of_comment", "of_article", "language"),
    [("es", "en", "Spanish"), ("pt-BR", None, "Portuguese"), (None, "tr", "Turkish"), (None, "PL", "Polish")],
)
def test_capitals_say_nothing_where_civil_comments_have_them(
    of_comment: str | None, of_article: str | None, language: str
) -> None:
    signal = measured(of_comment, of_article)

    assert (signal.value, signal.abstained) == (None, f"capitals are ordinary in {language}")


@pytest.mark.parametrize(("of_comment", "of_article"), [("en", "es"), (None, None), ("de", None), (None, "fr")])
def test_capitals_count_in_other_languages_and_where_none_is_named(
    of_comment: str | None, of_article: str | None
) -> None:
    assert measured(of_comment, of_article).value == 1.0


def test_every_such_language_is_a_code_with_a_name() -> None:
    assert NAMES.keys() >= ORDINARY_IN
