"""The probability that one newsroom's own people would reject a comment. Each site learns it from its own decisions."""

from __future__ import annotations

from moderation.judging.signals.spec import SignalSpec

HOUSE = SignalSpec(
    name="house",
    title="House model",
    meaning="The probability that this newsroom's own moderators would reject the comment.",
    remarks=(
        "Learnt from the site's decisions; a rule on it is for a lead to add. Abstains where too few decisions are "
        "known in the comment's language."
    ),
    scale="score",
    model="house",
)
