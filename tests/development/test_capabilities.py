"""No capability of the bundled weights falls below its measured floor. The model card lists those below 100 %."""

from __future__ import annotations

import pytest

from tests.development.capabilities import Result, capabilities, default_limits, judge, read_cases, read_floors
from workers.scoring.scorer import Scorer

MIN_CAPABILITIES = 25
MIN_CASES = 20


def test_the_suite_is_wide_enough_and_every_capability_has_a_floor() -> None:
    assert len(capabilities()) >= MIN_CAPABILITIES
    assert set(read_floors()) == set(capabilities())


@pytest.mark.parametrize("capability", capabilities())
def test_a_capability_has_enough_different_cases(capability: str) -> None:
    texts = [case.text for case in read_cases(capability)]

    assert len(set(texts)) == len(texts) >= MIN_CASES


@pytest.mark.parametrize("capability", capabilities())
def test_a_capability_stays_above_its_floor(scorer: Scorer, judged: list[Result], capability: str) -> None:
    result = judge(scorer, capability, default_limits())
    judged.append(result)

    wrong = [f"{o.highest}: {o.case.expect}: {o.case.text[:80]}" for o in result.outcomes if not o.right]
    assert result.share >= read_floors()[capability], "\n".join(wrong)
