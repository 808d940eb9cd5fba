"""Texts with their flagged words marked, whole or cut short. The style sheet hides the words that are masked, so that
a page can show them as soon as its mask is off."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from moderation.finding.context_rows import MAX_EDITS, Edit, ReviewContext
from moderation.signals.registry import SIGNALS
from moderation.values import json_form
from moderation.values.decisions import Reasons
from moderation.values.signals import Of, Span
from moderation.values.verdicts import Part
from service.desk.frame.texts import masking
from service.languages.wording import N_, gettext

EXCERPT_CHARS = 160
SPOKEN_CHARS = 40
LONG_CHARS = 1_000  # a comment that does not fit on a screen
MASKED_SIGNALS = frozenset(name for name, spec in SIGNALS.items() if spec.is_masked)
TOPIC_SIGNALS = frozenset(name for name, spec in SIGNALS.items() if spec.tone == "topic")
MOST_TOPIC_WORDS = 3  # in one mark: a longer one is half a sentence, and says nothing about what is off topic
MOST_TOPIC_SHARE = 0.4  # of the text: more says no more than that the whole is off topic
HIDDEN = N_("hidden word")

Marks = Sequence[tuple[Span, bool]]
"""Stretches of a text, and whether each is masked."""


@dataclass(frozen=True, slots=True)
class Excerpt:
    """The beginning of a text with its words masked, and in plain words for names that are only heard."""

    html: Markup
    spoken: str

    def __html__(self) -> Markup:
        return self.html


def marked_text(context: ReviewContext) -> Markup:
    """The comment's text with the evidence marked, each mark with an address. Offsets of an older text are not drawn on
    a newer one, in which only listed words are masked."""
    return mark(context.comment.text, _marks(context), addressed=True)


def marks_to_jump_to(context: ReviewContext) -> int:
    """How many marks a long comment has, so that its reader can jump from one to the next; 0 for a short one."""
    text = context.comment.text
    return len(_runs(_marks(context), text)) if len(text) >= LONG_CHARS else 0


def _marks(context: ReviewContext) -> Marks:
    flagging, text = context.flagging, context.comment.text
    if flagging is None or any(edit.version > flagging.version for edit in context.edits):
        return masked(text, ())
    parts = _read(flagging.reasons)
    return [*_shown(text, parts), *_masked(text, parts)]


def earlier_texts(context: ReviewContext) -> dict[int, Markup]:
    """The replaced texts by the version of the edit that replaced them, with the marks of that time."""
    return {
        edit.version: mark(edit.text, masked(edit.text, _reasons_between(context, first, edit.version)))
        for edit, first in zip(context.edits, _beginnings(context.edits), strict=True)
    }


def excerpt(text: str, marks: Marks, *, chars: int = EXCERPT_CHARS) -> Excerpt:
    """In the queue the style sheet cuts it to its lines."""
    begun = mark(text[:chars], marks)
    return Excerpt(begun + "…" if len(text) > chars else begun, spoken(text, marks))


def veiled(text: str) -> Markup:
    """A text that no reason is about, such as a reader's report, with listed words masked."""
    return mark(text, masked(text, ()))


def spoken(text: str, marks: Marks) -> str:
    """The first words of a text for names that are only heard; those that are masked are replaced."""
    parts, at = [], 0
    for start, end, is_masked in _runs(marks, text):
        if is_masked:
            parts += [text[at:start], f"({gettext(HIDDEN)})"]
            at = end
    line = " ".join("".join([*parts, text[at:]]).split())
    return line if len(line) <= SPOKEN_CHARS else line[:SPOKEN_CHARS].rsplit(" ", 1)[0] + "…"


def mark(text: str, marks: Marks, *, addressed: bool = False) -> Markup:
    """Wraps each span in <mark>, and those to be masked so that the style sheet can hide their words. With addresses
    the first one is ``#mark-1``."""
    parts: list[Markup] = []
    at = 0
    for number, (start, end, is_masked) in enumerate(_runs(marks, text), 1):
        id = _ID.format(number) if addressed else ""
        parts.append(escape(text[at:start]))
        word = text[start:end]
        parts.append(_MASKED.format(id, gettext(HIDDEN), word) if is_masked else _MARK.format(id, word))
        at = end
    parts.append(escape(text[at:]))
    return Markup("").join(parts)


_ID = Markup(' id="mark-{}" tabindex="-1"')
_MARK = Markup("<mark{}>{}</mark>")
_MASKED = Markup('<mark{} class="masked"><span class="said">{}</span><span class="word">{}</span></mark>')


def masked(text: str, reasons: Reasons) -> Marks:
    """The words to mask in a text: those of Gavel's lists, and those of the site's by the reasons for which it was
    flagged. Other evidence is for the comment that is being judged, and would only be noise in the texts around it."""
    return _masked(text, _read(reasons))


def _masked(text: str, parts: Sequence[Part]) -> Marks:
    listed = [span for part in parts if part.signal in MASKED_SIGNALS for span in _in_comment(part)]
    return [(span, True) for span in [*listed, *masking.hidden(text)]]


def _shown(text: str, parts: Sequence[Part]) -> Marks:
    """All the evidence, without topic marks that say nothing."""
    return [
        (span, False)
        for part in parts
        if part.signal not in TOPIC_SIGNALS or _is_telling(text, _in_comment(part))
        for span in _in_comment(part)
    ]


def _is_telling(text: str, spans: Sequence[Span]) -> bool:
    marked = [text[span.start : span.end] for span in spans]
    is_short = all(len(words.split()) <= MOST_TOPIC_WORDS for words in marked)
    return is_short and sum(map(len, marked)) <= MOST_TOPIC_SHARE * len(text)


def _in_comment(part: Part) -> list[Span]:
    return [span for span in part.evidence if span.of is Of.COMMENT]


def _read(reasons: Reasons) -> list[Part]:
    """The reasons by signal, since a rule may combine several."""
    return [part for form in reasons for part in json_form.reason_from_json(form).looked_at]


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


def _runs(marks: Marks, text: str) -> list[tuple[int, int, bool]]:
    """The marked stretches in order and apart from each other. Marks of words side by side are one, with the space
    between. A masked word cuts the marks that lie around it."""
    within = [(max(0, s.start), min(len(text), s.end), is_masked) for s, is_masked in marks]
    within = [(start, end, is_masked) for start, end, is_masked in within if start < end]
    veils = _joined([(start, end) for start, end, is_masked in within if is_masked])
    shown = _joined([(start, end) for start, end, is_masked in within if not is_masked], text)
    rest = [(a, b, False) for start, end in shown for a, b in _without(start, end, veils)]
    return sorted([*((start, end, True) for start, end in veils), *rest])


def _without(start: int, end: int, cuts: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The parts of ``[start, end)`` outside the cuts, which are in order."""
    at = start
    for cut_start, cut_end in cuts:
        if cut_start < end and cut_end > at:
            if at < cut_start:
                yield at, cut_start
            at = cut_end
    if at < end:
        yield at, end


def _joined(spans: Sequence[tuple[int, int]], text: str = "") -> list[tuple[int, int]]:
    """The spans without overlaps; with a text, those with nothing but spaces between are one, too."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and (start < joined[-1][1] or text[joined[-1][1] : start].isspace()):
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined
