"""The language that all scorers read a comment in."""

from __future__ import annotations

import pytest

from moderation.judging.signals.language import LanguageStanding, languages_of
from workers.scoring.language.deciding import LanguageScorer, language_of
from workers.scoring.language.detecting import LanguageDetector
from workers.scoring.scorable import Scorable, Unexplained

GERMAN = "Der Minister ist ein Lügner und die Regierung eine Schande"


@pytest.fixture(scope="module")
def languages() -> LanguageScorer:
    return LanguageScorer(
        LanguageDetector(),
        {"en": LanguageStanding.DECIDES, "fr": LanguageStanding.ADVISES, "es": LanguageStanding.DECIDES},
    )


@pytest.mark.parametrize(
    ("comment", "language", "supported"),
    [
        (Scorable(GERMAN), "de", 0.0),
        (Scorable("lol"), "en", 1.0),
        (Scorable("lol", title=GERMAN), "de", 0.0),
        (Scorable("lol", article_text=GERMAN, article_key="a-1"), "de", 0.0),
        (Scorable("What a shame", language="fr"), "fr", 0.5),
        (Scorable("What a shame", language="pt-BR"), "pt", 0.0),
        (Scorable("lol", article_language="fr-CA", title="The tram"), "fr", 0.5),
        (Scorable("El ministro es un mentiroso y este gobierno es una vergüenza", article_language="en"), "es", 1.0),
    ],
)
def test_a_comment_is_read_in_the_language_given_or_seen_or_of_its_article(
    languages: LanguageScorer, comment: Scorable, language: str, supported: float
) -> None:
    read = languages.with_language(comment)

    ((signal,),) = languages.score([read])

    assert (read.language, signal.value, language_of([signal])) == (language, supported, language)
    assert languages.with_language(read) == read


DOUBTFUL = ("Sramota, baš ste budale", "Vozači opet kasne", "opdonderen mafkees", "Đồ khùng")


@pytest.mark.parametrize("text", DOUBTFUL)
def test_a_short_text_that_may_not_be_english_has_no_language_unless_something_says_so(
    languages: LanguageScorer, text: str
) -> None:
    read = languages.with_language(Scorable(text))
    ((signal,),) = languages.score([read])

    assert (read.language, signal.value) != ("en", 1.0)
    assert signal.value is not None
    assert signal.value < 1
    assert languages.with_language(Scorable(text, language="en")).language == "en"


@pytest.mark.parametrize(
    "text", ["Brexiteers!", "Well said, Kowalski", "thx m8, gr8 read", "Café owners pay again", "..."]
)
def test_short_english_with_names_and_loans_stays_english(languages: LanguageScorer, text: str) -> None:
    assert languages.with_language(Scorable(text)).language == "en"


def test_an_insult_in_german_after_an_english_sentence_goes_to_a_person(languages: LanguageScorer) -> None:
    read = languages.with_language(Scorable("The trams were late again today. Du bist ein dreckiger Hurensohn."))
    ((signal,),) = languages.score([read])

    assert (read.language, read.other_languages, signal.value) == ("en", ("de",), 0.0)


def test_a_language_has_no_evidence(languages: LanguageScorer) -> None:
    assert languages.explain([Unexplained(Scorable(GERMAN), languages.names)]) == [{}]


SPANISH = "Eres un hijo de puta y ojalá te mueras mañana con toda tu familia de ladrones."
ENGLISH = "The council voted for the new tram line on Monday, and that was the right decision for all of us. "


@pytest.mark.parametrize(
    ("comment", "seen", "supported"),
    [
        (Scorable("puta Maria"), ("en", "es"), 1.0),
        (Scorable("puta Maria", language="en"), ("en", "es"), 1.0),
        (Scorable("Du bist dumm", article_language="en", title="The tram"), ("en", "de"), 0.0),
        (Scorable("Du bist dumm", article_language="fr", title="Le tram"), ("fr", "de"), 0.0),
        (Scorable(ENGLISH + "Du bist dumm.", article_language="fr"), ("en", "de"), 0.0),
        (Scorable(ENGLISH + "Eres un ladrón."), ("en", "es"), 1.0),
        (Scorable(ENGLISH + "Well, c'est la vie."), ("en",), 1.0),
        (Scorable("Hola, amigo", article_language="en", title="The tram"), ("en",), 1.0),
        (Scorable(f"{SPANISH} {SPANISH} {ENGLISH}"), ("es", "en"), 1.0),
        (Scorable(SPANISH, language="en"), ("en", "es"), 1.0),
        (Scorable(GERMAN, language="en"), ("en", "de"), 0.0),
        (Scorable(ENGLISH * 8 + SPANISH), ("en", "es"), 1.0),
        (Scorable(ENGLISH * 8 + SPANISH, language="en"), ("en", "es"), 1.0),
        (Scorable(ENGLISH * 8 + GERMAN), ("en", "de"), 0.0),
        (Scorable(ENGLISH * 8, language="fr"), ("fr", "en"), 0.5),
        (Scorable(ENGLISH * 8, language="en-GB"), ("en",), 1.0),
    ],
)
def test_a_comment_in_two_languages_is_as_doubtful_as_the_more_doubtful_of_them(
    languages: LanguageScorer, comment: Scorable, seen: tuple[str, ...], supported: float
) -> None:
    read = languages.with_language(comment)

    ((signal,),) = languages.score([read])

    assert (read.languages, languages_of(signal), signal.value) == (seen, seen, supported)
    assert language_of([signal]) == seen[0]


def test_a_part_has_its_place_in_the_comment_as_it_was_written(languages: LanguageScorer) -> None:
    text = "Ｔｈｅ tram is \u200blate again, and I think \u200bthat ｄｕ bist dumm my friend."

    (part,) = languages.with_language(Scorable(text)).parts

    assert (part.language, text[part.start : part.end]) == ("de", "ｄｕ bist dumm")


def test_a_part_in_kin_of_the_main_language_is_no_part(languages: LanguageScorer) -> None:
    read = languages.with_language(Scorable("Ovo je sramota. Ministar je lažov i vlada je sramota.", language="hr"))

    assert (read.languages, read.parts) == (("hr",), ())
