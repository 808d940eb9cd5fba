"""Texts with their flagged words marked, whole or cut short. The style sheet hides the words that are masked, so that
a page can show them as soon as its mask is off."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup, escape

from moderation import json_form
from moderation.model import Of, Part, Span
from moderation.signals.registry import SIGNALS
from moderation.store.decisions import Reasons
from moderation.store.review_context import MAX_EDITS, Edit, ReviewContext

EXCERPT_CHARS = 160
LONGEST_MASKED = 60  # characters: a sentence is marked as evidence, but one that is hidden cannot be judged
MASKED_SIGNALS = frozenset(name for name, spec in SIGNALS.items() if spec.is_masked)

Marks = Sequence[tuple[Span, bool]]
"""Stretches of a text, and whether each is masked."""


def marked_text(context: ReviewContext) -> Markup:
    """The comment's text with the evidence marked. Offsets of an older text are not drawn on a newer one."""
    flagging = context.flagging
    if flagging is None or any(edit.version > flagging.version for edit in context.edits):
        return escape(context.comment.text)
    return mark(context.comment.text, marks_of(flagging.reasons))


def earlier_texts(context: ReviewContext) -> dict[int, Markup]:
    """The replaced texts by the version of the edit that replaced them, with the marks of that time."""
    return {
        edit.version: mark(edit.text, marks_of(_reasons_between(context, first, edit.version)))
        for edit, first in zip(context.edits, _beginnings(context.edits), strict=True)
    }


def excerpt(text: str, marks: Marks, *, chars: int = EXCERPT_CHARS) -> Markup:
    """The beginning of a text; in the queue the style sheet cuts it to its lines."""
    begun = mark(text[:chars], marks)
    return begun + "…" if len(text) > chars else begun


def mark(text: str, marks: Marks) -> Markup:
    """Wraps each span in <mark>, and those to be masked so that the style sheet can hide their words. Overlaps join."""
    parts: list[Markup] = []
    at = 0
    for start, end, masked in _joined(marks, len(text)):
        parts.append(escape(text[at:start]))
        parts.append(_MASKED.format(text[start:end]) if masked else _MARK.format(text[start:end]))
        at = end
    parts.append(escape(text[at:]))
    return Markup("").join(parts)


_MARK = Markup("<mark>{}</mark>")
_MASKED = Markup('<mark class="masked"><span class="said">hidden word</span><span class="word">{}</span></mark>')


def marks_of(reasons: Reasons) -> Marks:
    """The evidence of these reasons in the comment's own text."""
    found = [json_form.reason_from_json(form) for form in reasons]
    parts = [part for reason in found for part in reason.looked_at]
    return [(span, _is_masked(part, span)) for part in parts for span in part.evidence if span.of is Of.COMMENT]


def _reasons_between(context: ReviewContext, first: int, end: int) -> Reasons:
    """The newest reasons for the text that an edit brought at ``first`` and another replaced at ``end``."""
    return next((d.reasons for d in context.decisions if d.reasons and first < d.version < end), ())


def _beginnings(edits: Sequence[Edit]) -> list[int]:
    """The version at which each replaced text began: the edit before it, or the arrival."""
    if not edits:
        return []
    # Where older edits are out of sight, only the decision just before is surely about the oldest text in sight
    oldest = 0 if len(edits) < MAX_EDITS else edits[-1].version - 2
    return [*(edit.version for edit in edits[1:]), oldest]


def _is_masked(part: Part, span: Span) -> bool:
    return part.signal in MASKED_SIGNALS and span.end - span.start <= LONGEST_MASKED


def _joined(marks: Marks, length: int) -> list[tuple[int, int, bool]]:
    """In order and apart from each other; what joins a masked stretch is masked."""
    joined: list[tuple[int, int, bool]] = []
    for span, masked in sorted(marks, key=lambda m: (m[0].start, m[0].end)):
        start, end = max(0, span.start), min(length, span.end)
        if start >= end:
            continue
        if joined and start < joined[-1][1]:
            first, last, was_masked = joined[-1]
            joined[-1] = (first, max(last, end), was_masked or masked)
        else:
            joined.append((start, end, masked))
    return joined
