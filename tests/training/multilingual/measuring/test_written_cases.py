"""A language decides only where it also has the written cases right."""

from __future__ import annotations

import pytest

from training.multilingual.measuring.written_cases import earned, passes
from training.suites.counts import Count, Counts


def counts(groups: int, threats: int) -> Counts:
    kinds = {"civil_talk_of_a_group, publish": Count(groups, 20), "direct_threat, hold": Count(threats, 15)}
    return {"functionality": kinds, "group": {}}


@pytest.mark.parametrize(
    ("groups", "threats", "enough"), [(18, 9, True), (17, 15, False), (20, 8, False), (20, 15, True)]
)
def test_nine_in_ten_civil_cases_and_six_in_ten_threats_are_enough(groups: int, threats: int, enough: bool) -> None:
    assert passes(counts(groups, threats)) is enough


def test_a_language_that_fails_or_has_no_cases_advises_and_no_other_is_raised() -> None:
    standings = {"ko": "decides", "tr": "decides", "ja": "decides", "en": "decides", "de": "advises"}

    left = earned(standings, {"ko": counts(20, 9), "tr": counts(20, 8), "de": counts(20, 15)})

    assert left == {"ko": "decides", "tr": "advises", "ja": "advises", "en": "decides", "de": "advises"}
