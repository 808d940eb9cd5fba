"""Marks fit the phrases that they are in: no stray word, no list or address cut in two."""

from __future__ import annotations

import pytest

from workers.scoring.evidence.phrasing import fitted


def places(text: str, marked: dict[str, float]) -> list[tuple[tuple[int, int], float]]:
    return [((text.index(word), text.index(word) + len(word)), share) for word, share in marked.items()]


@pytest.mark.parametrize(
    ("text", "marked", "expected"),
    [
        ("Only a cretin would vote for this bypass.", {"cretin": 0.72, "bypass": 0.19}, ["cretin"]),
        ("Only a cretin would vote for this bypass.", {"cretin": 0.39, "bypass": 0.19}, ["cretin", "bypass"]),
        ("Only a cretin would vote for this bypass.", {"cretin": 0.72, "bypass": 0.2}, ["cretin", "bypass"]),
        ("She is a cheap slut.", {"cheap": 0.15, "slut": 0.8}, ["cheap", "slut"]),
        ("The brain of a goldfish.", {"brain": 0.5, "goldfish": 0.14}, ["brain", "goldfish"]),
        ("This fat council and its idiots.", {"fat": 0.12, "idiots": 0.8}, ["fat", "idiots"]),
        ("A coward, a liar and a fraud.", {"coward": 0.5, "liar": 0.4}, ["coward", "liar", "fraud"]),
        ("Blind, corrupt and lazy.", {"corrupt": 0.5, "lazy": 0.4}, ["Blind", "corrupt", "lazy"]),
        ("Tired, corrupt and slow.", {"corrupt": 0.9}, ["corrupt"]),
        ("Piss off, you smug git.", {"Piss off": 0.6, "smug": 0.3}, ["Piss off", "smug", "git"]),
        ("Well, you hate trains.", {}, []),
        ("Dirty foreigners everywhere.", {"Dirty": 0.6}, ["Dirty", "foreigners"]),
        ("Dirty dishes everywhere.", {"Dirty": 0.6}, ["Dirty"]),
        ("We will cut you.", {"cut": 0.9}, ["cut you"]),
        ("We cut you a slice.", {"cut": 0.9}, ["cut"]),
        ("It should be torn down.", {"torn": 0.9}, ["torn down"]),
        ("Put it into the bin.", {"Put": 0.9}, ["Put"]),
    ],
)
def test_marks_fit_their_phrases(text: str, marked: dict[str, float], expected: list[str]) -> None:
    fit = fitted(text, places(text, marked))

    assert [text[start:end] for (start, end), _ in fit] == expected
    assert sum(share for _, share in fit) <= sum(marked.values())
