"""The ladder's arithmetic, and its form in a site's settings."""

from __future__ import annotations

import json

import pytest
from pydantic import ValidationError

from moderation.ground.values.measures import Measure
from moderation.sites.settings import ladder as author_ladder
from moderation.sites.settings.ladder import Climb, Ladder, Step
from moderation.sites.settings.values import DECLARED

SETTING = DECLARED["author_ladder"]
HOLD, SUSPEND, LONGER, BAN = (
    Step(Measure.HOLD, 7),
    Step(Measure.SUSPEND, 7),
    Step(Measure.SUSPEND, 30),
    Step(Measure.BAN),
)
LADDER = Ladder(3, 30, (HOLD, SUSPEND, LONGER, BAN), Climb.APPLIED)


@pytest.mark.parametrize(
    ("taken", "following"),
    [
        ([], HOLD),
        ([Step(Measure.WARN)], HOLD),
        ([HOLD], SUSPEND),
        ([Step(Measure.HOLD, None)], SUSPEND),
        ([Step(Measure.SUSPEND, 6)], SUSPEND),
        ([SUSPEND, HOLD], LONGER),
        ([LONGER], BAN),
        ([BAN], BAN),
    ],
)
def test_the_next_step_is_the_mildest_that_is_more_severe_than_all_before(taken: list[Step], following: Step) -> None:
    assert LADDER.next_step(taken) == following


def test_a_ladder_keeps_its_form_in_json() -> None:
    assert SETTING.of_text(json.dumps(SETTING.write(LADDER))) == LADDER


@pytest.mark.parametrize(
    ("ladder", "said"),
    [
        (Ladder(0, 30, (BAN,)), "must begin after 1 to 100 rejections"),
        (Ladder(101, 30, (BAN,)), "must begin after 1 to 100 rejections"),
        (Ladder(3, 367, (BAN,)), "must count the rejections of 1 to 366 days"),
        (Ladder(3, 30, ()), "must have 1 to 6 steps"),
        (Ladder(3, 30, (BAN, HOLD)), "must have steps that become more severe"),
        (Ladder(3, 30, (HOLD, HOLD)), "must have steps that become more severe"),
        (Ladder(3, 30, (Step(Measure.SUSPEND),)), "must say for how many days a step suspends"),
        (Ladder(3, 30, (Step(Measure.BAN, 3),)), "must leave the days of a step that says ban empty"),
        (Ladder(3, 30, (Step(Measure.HOLD, 367),)), "must have steps of 1 to 366 days"),
        (Ladder(3, 30, (Step(Measure.TRUST),)), "must have steps that warn, hold, suspend or ban: trust is none"),
    ],
)
def test_a_ladder_that_makes_no_sense_is_refused_in_words(ladder: Ladder, said: str) -> None:
    (problem,) = author_ladder.problems(ladder)

    assert problem.startswith(said)


@pytest.mark.parametrize(
    "stored",
    [
        {"rejections": 3, "within_days": 30},
        {"rejections": "3", "within_days": 30, "steps": []},
        {"rejections": 3, "within_days": 30, "steps": [{"measure": "flog"}]},
        {"rejections": 3, "within_days": 30, "steps": [{"measure": "hold", "hours": 7}]},
        {"rejections": 3, "within_days": 30, "steps": [], "climbs": "applied"},
    ],
)
def test_json_of_another_form_is_refused(stored: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        SETTING.of_text(json.dumps(stored))
