"""The names of groups that count less in a comment's scores, as the review screen shows them."""

from __future__ import annotations

from dataclasses import dataclass

from moderation.finding.context_rows import ReviewContext
from moderation.signals.registry import SIGNALS
from service.desk.frame.sentences.numbers import decimal
from service.languages.wording import N_, gettext

IN_FULL = N_("%(signal)s: %(value)s, or %(full)s if they counted in full")


@dataclass(frozen=True, slots=True)
class GroupNames:
    """The names as the comment has them, each once, and a line for each signal whose value they change."""

    names: tuple[str, ...]
    lines: tuple[str, ...]  # ``Toxicity: 0.79, or 0.86 if they counted in full``


def group_names(context: ReviewContext) -> GroupNames | None:
    """None if no name counts less, or none by so much that two decimals show it."""
    scored = context.scoring.signals if context.scoring else ()
    lessened = [
        (signal.name, value, signal.left_out)
        for signal in scored
        if signal.left_out is not None and signal.name in SIGNALS and signal.value is not None
        for value in [decimal(signal.value)]
        if decimal(signal.left_out.value) != value
    ]
    if not lessened:
        return None
    text = context.comment.text
    names = dict[str, str]()
    for name in (text[span.start : span.end] for _, _, left_out in lessened for span in left_out.words):
        names.setdefault(name.lower(), name)
    lines = (
        gettext(IN_FULL, signal=gettext(SIGNALS[name].title), value=value, full=decimal(left_out.value))
        for name, value, left_out in lessened
    )
    return GroupNames(tuple(names.values()), tuple(lines))
