"""Krippendorff's alpha against published figures, and the agreement of two people on checks."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from moderation.ground.values.statuses import CommentStatus
from moderation.insight.checks.agreement import agreement, krippendorff
from tests.builders import a_check

PUBLISHED, REJECTED = CommentStatus.PUBLISHED, CommentStatus.REJECTED

# Krippendorff (2011), sections A to C: two judges, two judges on five values, four judges with gaps
BINARY = list(zip("0100000010", "1110010000", strict=True))
FIVE = list(zip("aabbdcccedda", "babbbccceddd", strict=True))
GAPS = list(zip("123321412***", "1233224125*3", "*3332342251*", "12332441251*", strict=True))


@pytest.mark.parametrize(("units", "alpha"), [(BINARY, 0.095), (FIVE, 0.692), (GAPS, 0.743)])
def test_alpha_is_the_published_one(units: Sequence[Sequence[str]], alpha: float) -> None:
    known = [[None if value == "*" else value for value in unit] for unit in units]

    assert krippendorff(known) == pytest.approx(alpha, abs=0.0006)


def test_alpha_of_full_agreement_is_one_and_of_one_value_unknown() -> None:
    assert krippendorff([("a", "a"), ("b", "b")]) == 1
    assert krippendorff([("a", "a"), ("a", "a")]) is None
    assert krippendorff([("a", None), (None, None)]) is None


def test_reasons_are_each_compared_with_all_other_judgements() -> None:
    pairs = [
        a_check(decided_by="ana", second_by="ben", second_outcome=PUBLISHED),
        a_check(outcome=REJECTED, reason="Insult", decided_by="ana", second_by="ben", second_outcome=REJECTED,
                second_reason="Insult"),
        a_check(outcome=REJECTED, reason="Spam", decided_by="cara", second_by="ben", second_outcome=REJECTED,
                second_reason="Insult"),
    ]  # fmt: skip

    found = agreement(pairs, "ana")

    assert (found.overall.pairs, found.overall.agreed, found.overall.alpha) == (3, 3, 1)
    assert [(one.name, one.agreed) for one in found.reasons] == [("Insult", 2), ("Spam", 2)]
    assert found.mine is not None and found.mine.pairs == 2
    assert agreement(pairs, "dora").mine is None
