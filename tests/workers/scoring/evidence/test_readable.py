"""Names of persons are not marked, and threats are marked as whole phrases."""

from __future__ import annotations

import pytest

from moderation.judging.text.splitting import words
from moderation.judging.text.word_lists import lines, word_list, word_pairs
from workers.scoring.evidence.readable import _threats, names, whole_phrases


def named(text: str, *languages: str) -> list[str]:
    found = names(text, words(text), languages or ("en",))
    return [text[start:end] for start, end in sorted(found)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The fool Okafor and Anna-Maria's cousin lied.", ["Okafor", "Anna-Maria's"]),
        ("Boris Johnson lied. Liars win.", ["Boris", "Johnson"]),
        ("Starmer is a clown.", ["Starmer"]),
        ("You Idiot, you Moron.", []),
        ("Morons, the lot. Shut up. Vermin is here.", []),
        ("NOBODY LIKES YOU, FOOL", []),
        ("Nobody Likes Your Ugly Face", []),
        ("I am, I say, a friend of O'Neill.", ["O'Neill"]),
    ],
)
def test_names_are_capitals_that_are_no_insult_and_no_beginning_of_a_sentence(text: str, expected: list[str]) -> None:
    assert named(text) == expected


def test_a_capital_says_nothing_in_german() -> None:
    assert named("So ein Dummkopf, dieser Okafor.", "de") == []


def shares(text: str, *marked: str) -> list[tuple[tuple[int, int], float]]:
    return [((text.index(word), text.index(word) + len(word)), 1 / len(marked)) for word in marked]


@pytest.mark.parametrize(
    ("text", "marked", "expected"),
    [
        ("I would knock your block off.", ("knock", "block"), [("knock your block off", 1.0)]),
        ("Break her legs, fool.", ("legs", "fool"), [("Break her legs", 0.5), ("fool", 0.5)]),
        ("A knock at the block, then off.", ("knock",), [("knock", 1.0)]),
        ("We know where you live, fool.", ("fool",), [("fool", 1.0)]),
    ],
)
def test_a_threat_is_marked_whole_if_any_word_of_it_is(
    text: str, marked: tuple[str, ...], expected: list[tuple[str, float]]
) -> None:
    found = whole_phrases(text, shares(text, *marked))

    assert [(text[start:end], share) for (start, end), share in found] == expected


def test_each_threat_is_found_as_it_is_listed() -> None:
    assert len(_threats()) > len(lines("threats"))
    for phrase in _threats():
        assert whole_phrases(phrase, [((0, 2), 1.0)]) == [((0, len(phrase)), 1.0)], phrase


def test_a_neutral_word_is_no_function_word_and_no_insult() -> None:
    for language, said in word_pairs("neutral").items():
        own = said.split()
        assert len(own) == len(set(own)) and not set(own) & word_list(f"function/{language}"), language
    assert not set(word_pairs("neutral")["en"].split()) & word_list("disguised")
