"""The names of groups count less where the manifest says so: by a share of what they add, never more than the most."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from moderation.errors import ModelUnavailable
from moderation.values.json_form import signal_from_json, signal_to_json
from moderation.values.signals import Signal
from tests.workers.scoring.engines.adding_engine import AMOUNTS, AddingEngine
from workers.scoring.encoder.toxicity_scores import Toxicity
from workers.scoring.engines.onnx import CARRIED, LOGITS, logit
from workers.scoring.engines.weights import Weights
from workers.scoring.evidence.occlusion import Occlusion
from workers.scoring.evidence.token_marks import TokenMarks
from workers.scoring.evidence.toxicity_words import Asked
from workers.scoring.scorable import Scorable
from workers.scoring.toxicity.scorer import ToxicityScorer

RULE = {"share": 0.5, "most": 5.0, "groups": ["women", "muslims"]}
TOXICITY, THREAT = 0, 2


def weights(**manifest: Any) -> Weights:
    return Weights("adding", Path("nowhere"), {"files": {}, "weights_sha256": "aa", **manifest})


def odds(rule: dict[str, Any] | None, text: str) -> list[float]:
    """The log-odds of each signal."""
    given = weights() if rule is None else weights(group_names=rule)
    (scores,) = Toxicity(AddingEngine(), given).score([text])
    found: list[float] = logit(scores).tolist()
    return found


@pytest.mark.parametrize(
    ("share", "most", "taken"), [(0.5, 5.0, 1.25), (1.0, 5.0, 2.5), (1.0, 0.75, 0.75), (0.2, 0.5, 0.5)]
)
def test_a_share_of_the_amount_is_taken_off_but_not_more_than_the_most(share: float, most: float, taken: float) -> None:
    rule, text = {**RULE, "share": share, "most": most}, "The women met a fool."
    before, after = odds(None, text), odds(rule, text)

    assert AMOUNTS["women"] == 2.5
    assert before[TOXICITY] - after[TOXICITY] == pytest.approx(taken, abs=1e-3)


def test_a_signal_to_which_the_name_adds_nothing_keeps_its_score() -> None:
    text = "The women met a fool."

    assert odds(RULE, text)[THREAT] == odds(None, text)[THREAT]


def test_other_groups_and_other_words_count_in_full() -> None:
    rule = {**RULE, "groups": ["muslims"]}

    assert odds(rule, "The women met a fool.") == odds(None, "The women met a fool.")
    assert odds(RULE, "You stupid liar.") == odds(None, "You stupid liar.")


def test_a_name_that_lowers_the_score_does_not_raise_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(AMOUNTS, "women", -1.0)

    assert odds(RULE, "A fool met women.") == odds(None, "A fool met women.")


@pytest.mark.parametrize(("least", "is_same"), [(0.83, False), (0.84, True)])
def test_a_window_where_every_signal_is_lower_stays_as_it_is(
    monkeypatch: pytest.MonkeyPatch, *, least: float, is_same: bool
) -> None:
    text = "Women, rather."  # it adds up to log-odds of 1.6, a probability of 0.832
    monkeypatch.setattr("workers.scoring.encoder.toxicity_scores.MIN_VALUE", least)

    assert (odds(RULE, text) == odds(None, text)) is is_same


def test_a_name_is_found_in_a_later_window_of_a_long_comment() -> None:
    text = "It rained a lot on Monday. " * 12 + "The women met a fool. " + "It rained a lot on Monday. " * 12

    assert odds(None, text)[TOXICITY] - odds(RULE, text)[TOXICITY] == pytest.approx(1.25, abs=1e-3)


def test_the_score_with_the_names_is_still_known() -> None:
    text = "The women met a fool."
    toxicity = Toxicity(AddingEngine(), weights(group_names=RULE))
    toxicity.score([text])

    assert logit(toxicity.with_names(text, ("en",))) == pytest.approx(odds(None, text), abs=1e-3)
    assert logit(toxicity.in_languages(text, ("en",))) == pytest.approx(odds(RULE, text), abs=1e-3)


@pytest.mark.parametrize("explain", [TokenMarks, Occlusion])
def test_the_same_words_are_marked_as_without_the_rule(explain: type[TokenMarks | Occlusion]) -> None:
    asked = [Asked("The women met a stupid fool.", ("toxicity",))]
    found = [
        explain(Toxicity(AddingEngine(), given)).explain(asked) for given in (weights(), weights(group_names=RULE))
    ]

    assert found[0] == found[1] != [{}]


def test_an_engine_without_amounts_counts_names_in_full_and_says_so(caplog: pytest.LogCaptureFixture) -> None:
    class Plain(AddingEngine):
        outputs = frozenset({LOGITS})

    with caplog.at_level(logging.WARNING):
        (scores,) = Toxicity(Plain(), weights(group_names=RULE)).score(["The women met a fool."])

    assert logit(scores).tolist() == odds(None, "The women met a fool.")
    assert "names of groups count in full" in caplog.text
    assert CARRIED in AddingEngine.outputs


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("half", "group_names must be an object"),
        ({**RULE, "share": 0}, "group_names.share must be a number above 0 and at most 1, not 0"),
        ({**RULE, "share": 1.5}, "group_names.share must be a number above 0 and at most 1, not 1.5"),
        ({**RULE, "most": -1}, "group_names.most must be a number above 0, not -1"),
        ({**RULE, "most": True}, "group_names.most must be a number above 0, not True"),
        ({"share": 0.5, "groups": ["women"]}, "group_names.most must be a number above 0, not None"),
        ({**RULE, "groups": []}, "group_names.groups must be a list of some of women, men"),
        ({**RULE, "groups": ["martians"]}, "not ['martians']"),
        ({**RULE, "groups": [["women"]]}, "not [['women']]"),
    ],
)
def test_a_rule_that_cannot_be_is_refused_by_its_field(rule: object, message: str) -> None:
    with pytest.raises(ModelUnavailable) as refused:
        Toxicity(AddingEngine(), weights(group_names=rule))

    assert message in str(refused.value)


def test_weights_of_several_languages_may_have_no_rule() -> None:
    with pytest.raises(ModelUnavailable, match="left out for weights of several languages, not 'en, de'"):
        Toxicity(AddingEngine(), weights(group_names=RULE, languages=["en", "de"]))


def test_other_rules_have_other_versions() -> None:
    rules = [None, RULE, {**RULE, "share": 0.4}]
    versions = [(weights() if rule is None else weights(group_names=rule)).version for rule in rules]

    assert versions[0] == "adding@aa"
    assert len(set(versions)) == 3
    assert weights(group_names=dict(reversed(RULE.items()))).version == versions[1]


def signals(rule: dict[str, Any], text: str) -> dict[str, Signal]:
    scorer = ToxicityScorer(toxicity=Toxicity(AddingEngine(), weights(group_names=rule)))
    (found,) = scorer.score([Scorable(text, language="en")])
    return {signal.name: signal for signal in found}


def test_a_signal_says_which_names_count_less_and_its_value_in_full() -> None:
    text = "A fool met \uff37\uff2f\uff2d\uff25\uff2e, and women only."
    found = signals(RULE, text)
    left_out = found["insult"].left_out

    assert left_out is not None
    assert [text[span.start : span.end].lower() for span in left_out.words] == [
        "\uff57\uff4f\uff4d\uff45\uff4e",
        "women",
    ]
    assert found["insult"].value is not None and left_out.value > found["insult"].value
    assert logit(np.asarray([left_out.value])) == pytest.approx([odds(None, text)[1]], abs=1e-3)
    assert signal_from_json(signal_to_json(found["insult"])) == found["insult"]


def test_a_signal_in_which_every_name_counts_in_full_says_nothing() -> None:
    assert signals(RULE, "A fool met women.")["threat"].left_out is None
    assert signals(RULE, "You stupid fool.")["insult"].left_out is None
    assert "left_out" not in signal_to_json(signals(RULE, "You stupid fool.")["insult"])


def test_a_name_in_another_window_than_the_worst_is_not_said_to_change_the_value() -> None:
    civil = "It rained a lot on Monday. " * 24
    text = f"You stupid liar, you fool. {civil}Women, rather."
    found = signals(RULE, text)

    assert found["toxicity"].value == signals({**RULE, "groups": ["muslims"]}, text)["toxicity"].value
    assert found["toxicity"].left_out is None


def test_a_comment_that_names_groups_sixty_times_has_the_first_places_only() -> None:
    left_out = signals(RULE, "Fool! Women! Stupid! " * 60)["toxicity"].left_out

    assert left_out is not None
    assert [span.start for span in left_out.words] == [6 + 21 * number for number in range(20)]
