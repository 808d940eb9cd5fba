"""Warnings that quote a campaign's text are unlike its copies, and copies that somebody changed a little are not."""

from __future__ import annotations

import pytest

from moderation.judging.text.near_copies.own_words import own_words, usual_pairs
from moderation.judging.text.reading import Reading

LENDER = (
    "My life changed when I met Mrs Anna Keller, she helped me earn 4,000 euros a week from home, "
    "write to her on WhatsApp +49 151 2345678"
)
HARBOUR = "Read this before they delete it: the mayor has sold the harbour to his own brother for one euro and a boat"
WOHNUNG = (
    "Wir haben drei Monate gesucht und dann über diese Gruppe sofort eine Wohnung gefunden, ohne Makler und ohne "
    "Kaution, schreibt einfach an 0151 2345678"
)
LONG = (
    "Since the spring the new ring road has carried more lorries than anybody at the town hall had promised, the noise "
    "begins at four in the morning and does not end before midnight, children cannot sleep, houses lose their value, "
    "and the council answers every letter with the same three sentences, so come to the square on Saturday at noon"
)

CHANGED = [
    LENDER.upper(),
    LENDER.replace("Anna Keller", "Susan Clark"),
    LENDER.replace("4,000 euros", "6,500 dollars").replace("2345678", "9876543"),
    f"Hello everybody! {LENDER}",
    f"{LENDER} God bless",
    f"{LENDER} 🙏🙏🙏 #blessed",
    LENDER.replace("e", "е"),  # Cyrillic
    LENDER.replace("earn", "e.a.r.n"),
    LENDER.replace("from home", "from my kitchen"),
    f"{LENDER} and may God bless you all",
    f"{HARBOUR}!!! Share!",
    HARBOUR.replace("one euro", "2 euro").replace("brother", "nephew"),
    HARBOUR.replace("the mayor", "our dear mayor"),
    f"Friends, {HARBOUR.lower()}",
    f"{HARBOUR} x7f9k2",
    WOHNUNG.replace("drei Monate", "ein halbes Jahr"),
    f"Hallo zusammen, {WOHNUNG}",
    WOHNUNG.replace("Kaution", "Provision"),
    LONG.replace("lorries", "trucks").replace("Saturday", "Sunday").replace("midnight", "eleven"),
    f"Please share: {LONG}",
]
WARNINGS = [
    f"This number is a scam: {LENDER}",
    f'"{LENDER}" Careful, this is fraud.',
    f"{LENDER} – same text under every article, please delete",
    f"{LENDER}\n\nDo not write to her. She took my savings.",
    "Do not write to Anna Keller on WhatsApp +49 151 2345678, she took 3,000 euros from my mother",
    '"She helped me earn 4,000 euros a week from home" – who believes such a thing?',
    f"Attention, c'est une arnaque: {LENDER}",
    f"Ojo, esto es una estafa: {LENDER}",
    f"> {HARBOUR}\nNot true: the harbour belongs to the state.",
    f"Who pays for this? {HARBOUR}",
    f"Vorsicht, das ist Betrug! {WOHNUNG}",
    f"{WOHNUNG} – wer hier die Nummer anruft, zahlt drauf",
    f"Das stimmt nicht. {WOHNUNG}",
    f"{LONG} – I got this by mail from five people today",
    f"Copied from a leaflet: {LONG}",
]
TOO_SHORT = f"Scam alert: {LENDER}"
TAKEN = {CHANGED[9]: "and may god bless you all", CHANGED[15]: "ein halbes jahr"}


def words(text: str) -> list[str]:
    return Reading(text).words


def of(text: str, *others: str) -> str:
    """Its own words among so many unchanged copies and these."""
    original = max((LENDER, HARBOUR, WOHNUNG, LONG), key=lambda each: len({*words(each)} & {*words(text)}))
    every = [words(each) for each in (*[original] * 6, *others, text)]
    return own_words(every[-1], usual_pairs(every))


@pytest.mark.parametrize("text", WARNINGS)
def test_a_warning_that_quotes_the_text_is_unlike_the_copies(text: str) -> None:
    assert of(text)


@pytest.mark.parametrize("text", [text for text in CHANGED if text not in TAKEN])
def test_a_copy_that_was_changed_a_little_is_like_the_others(text: str) -> None:
    assert of(text) == ""


def test_the_price_of_the_threshold() -> None:
    assert of(TOO_SHORT) == ""
    assert {text: of(text) for text in TAKEN} == TAKEN


def test_the_own_words_are_those_of_the_warning() -> None:
    assert of(f"This number is a scam: {LENDER}") == "this number is a scam"


def test_two_readers_who_warn_in_the_same_words_are_both_found() -> None:
    warning = f"This number is a scam: {LENDER}"

    assert of(warning, warning)


def test_a_second_text_that_a_third_of_the_copies_have_belongs_to_the_campaign() -> None:
    every = [words(text) for text in (*[LENDER] * 6, *[HARBOUR] * 3)]

    assert {own_words(each, usual_pairs(every)) for each in every} == {""}


@pytest.mark.parametrize(("unlike", "alike"), [(1, 1), (1, 2), (2, 2), (2, 4)])
def test_with_few_texts_more_than_half_must_agree(unlike: int, alike: int) -> None:
    every = [words(text) for text in (*[HARBOUR] * unlike, *[LENDER] * alike)]

    usual = usual_pairs(every)

    assert own_words(words(HARBOUR), usual)
    assert bool(own_words(words(LENDER), usual)) is (alike <= unlike)


def test_a_text_alone_is_like_itself_and_one_word_has_nothing_of_its_own() -> None:
    assert own_words(words(LENDER), usual_pairs([words(LENDER)])) == ""
    assert own_words(["so"], frozenset()) == ""
