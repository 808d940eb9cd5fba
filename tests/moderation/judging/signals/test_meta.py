"""Remarks about the site are counted, and a new site holds nothing for them."""

from __future__ import annotations

from moderation.ground.values.statuses import Action
from moderation.judging.policy.default import default_policy
from moderation.judging.signals.registry import FOR_RULES, SIGNALS
from tests.builders import a_comment, a_comment_to_score


def test_each_remark_counts_and_is_shown() -> None:
    text = "Why was my comment deleted? The mods are asleep. The tram is late."

    signal = SIGNALS["meta"].signal_of(a_comment_to_score(comment=a_comment(text)))

    assert signal.value == 2
    shown = [text[span.start : span.end] for span in signal.evidence]
    assert shown == ["Why was my comment deleted", "mods are asleep"]


def test_a_site_may_have_a_rule_on_it_and_a_new_one_has_none() -> None:
    assert "meta" in FOR_RULES
    assert not [rule for rule in default_policy().rules if "meta" in rule.signals]
    assert SIGNALS["meta"].bound_for(Action.FLAG) == "at_least"
