"""A word that only one or two people's labels make a model mind is shown to a lead, however rare it is."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest

from moderation.ground.values.signals import Vector
from moderation.insight.learning.example_rows import LabelSource
from moderation.insight.learning.rows import KEYS
from moderation.moderators.review.label_rows import SECOND_LOOK
from tests.workers.learning import bent
from tests.workers.learning.bent import rejections
from tests.workers.learning.newsrooms import SPACE, a_newsroom, vector
from workers.learning import house_fit, house_refusals, house_support
from workers.learning.house_matrix import HouseMatrix, Seen, matrix
from workers.learning.house_refusals import Moved
from workers.learning.house_support import is_accepted, shortest

PAPER = "Kestrel"  # nobody but those who reject it names it
STRENGTH = 0.5


def weighed(*parts: Sequence[Seen]) -> HouseMatrix:
    return matrix(bent.with_bounds(bent.in_order(bent.honest(), *parts)))


def moved(data: HouseMatrix, accepted: frozenset[str] = frozenset()) -> Moved | None:
    fit = house_fit.fitted(data.numbers, data.rejected, data.weights, strength=STRENGTH)
    return house_refusals.moved_by_few(
        data, fit, strength=STRENGTH, calibrated=lambda fitted: fitted, accepted=accepted
    )


def words(*parts: Sequence[Seen]) -> tuple[str, ...]:
    found = moved(weighed(*parts))
    return found.words if found else ()


def test_honest_people_are_asked_about_no_word() -> None:
    assert words() == ()


@pytest.mark.parametrize("by", [bent.LIAR, bent.HONEST[0], KEYS, SECOND_LOOK])
def test_plain_rejections_of_a_rare_name_by_one_wait_for_a_lead(by: str) -> None:
    """A newcomer, one of those who decide most, a site's keys, and the answers of leads to shadows."""
    assert PAPER.lower() in words(rejections(by=by, name=PAPER))


@pytest.mark.parametrize("others", [0, 8, 20])
def test_two_people_together_wait_for_a_lead_where_others_let_the_name_stand(others: int) -> None:
    two = rejections(18, by="dora", name=PAPER), rejections(18, by="eve", seed=10, name=PAPER)

    assert PAPER.lower() in words(*two, bent.naming_the_paper(others, seed=11, name=PAPER))


@pytest.mark.parametrize(
    "named",
    [
        lambda number: f"Kestrel{('s', 'em', 'owi', 'a', 'ie', 'ach')[number % 6]}",  # the cases of a name
        lambda number: "north bridge",  # words that everybody uses, one behind the other
        lambda number: "今日は朝日新聞が載せました",  # no spaces around the name
        lambda number: "#Kestrel",
        lambda number: "🦅",
    ],
    ids=["cases", "two words", "Japanese", "tag", "sign"],
)
def test_a_name_is_found_however_it_is_written(named: Callable[[int], str]) -> None:
    lies = [
        replace(one, example=replace(one.example, text=one.example.text.replace("Gazette", named(number))))
        for number, one in enumerate(rejections(name="Gazette"))
    ]

    assert words(lies)


def test_what_three_people_reject_each_on_their_own_is_the_taste_of_the_house() -> None:
    assert words(*(rejections(15, by=by, seed=20 + n, name=PAPER) for n, by in enumerate(bent.HONEST))) == ()


def test_words_that_a_lead_has_accepted_are_not_asked_about_again() -> None:
    data = weighed(rejections(name=PAPER))
    shown = moved(data)
    assert shown is not None and shown.why.endswith("a lead must look")

    assert moved(data, frozenset(shown.words)) is None


def test_a_name_is_accepted_in_each_case_and_beside_other_words() -> None:
    accepted = {"kestrel", "left party"}

    assert all(is_accepted(word, accepted) for word in ("kestrel", "kestrels", "the kestrel", "left party"))
    assert not any(is_accepted(word, accepted) for word in ("left", "party", "gazette", "the gazette"))


def test_the_shown_words_do_not_repeat_each_other() -> None:
    assert shortest(["kestrel wrote", "kestrel", "the kestrel", "left party", "kestrel"]) == ["kestrel", "left party"]


@pytest.mark.parametrize("people", [4, 40])
def test_looking_for_such_words_takes_few_fits_however_many_people_decide(
    people: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    fits = list[int]()

    def counting(*arguments: object, **named: object) -> object:
        fits.append(1)
        return house_fit.fitted(*arguments, **named)  # type: ignore[arg-type]

    seen = [
        replace(one, example=replace(one.example, by=f"p-{number % people}"))
        for number, one in enumerate(bent.in_order(bent.honest(), rejections(name=PAPER)))
    ]
    data = matrix(seen)
    whole = house_fit.fitted(data.numbers, data.rejected, data.weights, strength=0.5)
    for module in (house_support, house_refusals):
        monkeypatch.setattr(module, "fitted", counting)

    accepted = frozenset[str]()
    both = {"strength": 0.5, "calibrated": lambda fit: fit, "accepted": accepted}
    house_refusals.moved_by_few(data, whole, **both)  # type: ignore[arg-type]
    house_refusals.moved_by_one(data, whole, **both)  # type: ignore[arg-type]

    assert len(fits) <= 1 + house_refusals.MOST_PEOPLE


def test_imported_decisions_are_nobodys_own() -> None:
    archive = [replace(one, example=replace(one.example, by=None, source=LabelSource.IMPORT)) for one in bent.honest()]

    assert house_support.few(matrix(archive)) == 0
    assert moved(matrix(archive)) is None


def test_a_topic_without_a_word_of_its_own_is_found_by_its_meaning() -> None:
    """One person rejects what lies in one direction of meaning, in words that everybody uses."""
    about = vector(random.Random(4)).numbers
    far = np.where(np.arange(384) % 2, 1, -1) * np.abs(np.frombuffer(about, dtype=np.int8))
    topic = Vector(SPACE, far.astype(np.int8).tobytes())
    usual = [one for one in a_newsroom(200, seed=12) if not one.example.is_rejected][:40]
    lies = [
        replace(one, vector=topic, example=replace(one.example, comment_id=f"t-{n}", is_rejected=True, by=bent.LIAR))
        for n, one in enumerate(usual)
    ]
    data = weighed(lies)
    fit = house_fit.fitted(data.numbers, data.rejected, data.weights, strength=STRENGTH)

    shown = house_refusals.moved_by_one(data, fit, strength=STRENGTH, calibrated=lambda fitted: fitted)

    assert shown is not None and shown.people == 1 and "on a topic" in shown.why
    fair = weighed()
    fit = house_fit.fitted(fair.numbers, fair.rejected, fair.weights, strength=STRENGTH)
    assert house_refusals.moved_by_one(fair, fit, strength=STRENGTH, calibrated=lambda fitted: fitted) is None
