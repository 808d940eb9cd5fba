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
from workers.learning.house_fit import fitted
from workers.learning.house_learning import Learnt, _Learning, learn, split_by_time
from workers.learning.house_matrix import matrix, scores_by
from workers.learning.house_probes import civil_sentences
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
    assert found.refusal is not None and "“gazette”" in found.refusal and found.refusal.endswith("a lead must look")
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
    sentences = civil_sentences()
    lies = [
        replace(one, example=replace(one.example, text=f"{sentences[n % len(sentences)]} {n}", is_rejected=True))
        for n, one in enumerate(bent.naming_the_paper(200, seed=5))
    ]
    data = matrix(a_newsroom(100))
    bad = learn(bent.in_order(bent.honest(), lies), now=LATER).model
    assert bad is not None

    fit = fitted(data.numbers, data.rejected, data.weights, strength=0.5)
    assert "civil sentences" in (house_refusals.civil_held(data, fit, bad, fair.model) or "")
    assert house_refusals.civil_held(data, fit, fair.model, None) is None
    assert house_refusals.civil_held(data, fit, bad, bad) is None


def test_a_first_version_that_holds_much_more_than_the_shipped_models_waits_for_a_lead() -> None:
    data = matrix(a_newsroom(200))
    rows, shipped = np.arange(len(data)), data.general * 0 + 0.4

    held, calm = shipped * 0 + 1.0, shipped * 0 - 1.0
    assert "the shipped models hold 0%" in (house_refusals.rise_at_first(data, rows, held, shipped) or "")
    assert house_refusals.rise_at_first(data, rows, calm, shipped) is None
    assert house_refusals.rise_at_first(data, rows, held, shipped + 0.2) is None  # these hold as much
    assert house_refusals.rise_at_first(data, rows, held, shipped * 0 + 0.5) is None  # these say nothing


def test_a_name_that_everybody_rejects_is_shown_to_a_lead() -> None:
    """No person stands out, as in an archive: civil sentences with the name score higher than any plain one."""
    civil = [one for one in a_newsroom(400) if not one.example.is_rejected]
    data = matrix(bent.in_order(civil, bent.rejections(80, by=None, name="Guardian")))
    fit = fitted(data.numbers, data.rejected, data.weights, strength=2.0)
    model = _Learning(data, split_by_time(data), None, "")._model(fit, [])

    moved = house_refusals.names_moved(data, fit, model, frozenset())

    assert moved is not None and moved.words[0] == "guardian"
    assert house_refusals.names_moved(data, fit, model, frozenset(moved.words)) is None
