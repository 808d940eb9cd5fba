"""One account cannot bend what a newsroom's model holds: the version is kept, and a lead decides."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from tests.builders import NOON
from tests.workers.learning import bent
from tests.workers.learning.newsrooms import a_newsroom
from workers.learning import house_refusals
from workers.learning.house_learning import Learnt, learn
from workers.learning.house_matrix import matrix, scores_by
from workers.learning.house_refusals import InUse

LATER = NOON + timedelta(days=30)


@pytest.fixture(scope="module")
def fair() -> Learnt:
    return learn(bent.with_bounds(bent.in_order(bent.honest(), bent.naming_the_paper(40))), now=LATER)


def held(learnt: Learnt) -> float:
    """Of new comments that name the paper."""
    assert learnt.model is not None
    return float((scores_by(learnt.model, bent.naming_the_paper(60, seed=77)) >= 0.5).mean())


def test_a_newsroom_that_decides_honestly_needs_no_lead(fair: Learnt) -> None:
    assert fair.refusal is None
    assert held(fair) == 0


@pytest.mark.parametrize("prior", [False, True], ids=["the first version", "a later version"])
def test_false_checks_of_one_person_put_no_version_into_use(fair: Learnt, prior: bool) -> None:
    seen = bent.in_order(bent.honest(), bent.naming_the_paper(40), bent.lies())
    assert fair.model is not None
    in_use = InUse(fair.model, NOON) if prior else None

    found = learn(bent.with_bounds(seen), now=LATER, in_use=in_use)

    assert held(found) > 0.5  # the fit itself believes the lies
    assert found.refusal is not None and "one person" in found.refusal and found.refusal.endswith("a lead must look")
    assert found.refusal == found.report["refusal"]


def test_a_person_who_says_what_the_others_say_moves_nothing() -> None:
    seen = bent.honest()
    for number, one in enumerate(seen):
        if number % 4 == 0:
            seen[number] = replace(one, example=replace(one.example, by=bent.LIAR))

    assert learn(bent.with_bounds(seen), now=LATER).refusal is None


def test_a_version_that_holds_much_more_than_the_one_in_use_waits_for_a_lead(fair: Learnt) -> None:
    assert fair.model is not None
    data = matrix(a_newsroom(200))
    everything = data.general * 0 + 1.0

    rows = np.arange(len(data))
    assert house_refusals.rise(data, rows, everything, fair.model) is not None
    assert house_refusals.rise(data, rows, -everything, fair.model) is None


def test_a_version_that_holds_civil_sentences_waits_for_a_lead(fair: Learnt) -> None:
    assert fair.model is not None
    sentences = house_refusals._sentences()
    lies = [
        replace(one, example=replace(one.example, text=f"{sentences[n % len(sentences)]} {n}", is_rejected=True))
        for n, one in enumerate(bent.naming_the_paper(200, seed=5))
    ]
    data = matrix(a_newsroom(100))
    bad = learn(bent.in_order(bent.honest(), lies), now=LATER).model
    assert bad is not None

    assert "civil sentences" in (house_refusals.civil_held(data, bad, fair.model) or "")
    assert house_refusals.civil_held(data, fair.model, None) is None
    assert house_refusals.civil_held(data, bad, bad) is None
