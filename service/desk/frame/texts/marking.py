"""Texts with their flagged words marked, whole or cut short. The style sheet hides the words that are masked, so that
a page can show them as soon as its mask is off."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from moderation.ground.errors import TooCostly
from moderation.ground.values import json_form
from moderation.ground.values.decisions import Reasons
from moderation.ground.values.signals import Of, Span
from moderation.ground.values.verdicts import Part
from moderation.judging.signals.registry import SIGNALS
from moderation.moderators.finding.context_rows import MAX_EDITS, Edit, ReviewContext
from service.desk.frame.texts import masking
from service.languages.wording import N_, gettext
from service.web import reading_time

EXCERPT_CHARS = 160
SPOKEN_CHARS = 40
LONG_CHARS = 1_000  # a comment that does not fit on a screen
MASKED_SIGNALS = frozenset(name for name, spec in SIGNALS.items() if spec.is_masked)
TOPIC_SIGNALS = frozenset(name for name, spec in SIGNALS.items() if spec.tone == "topic")
MOST_TOPIC_WORDS = 3  # in one mark: a longer one is half a sentence, and says nothing about what is off topic
MOST_TOPIC_SHARE = 0.4  # of the text: more says no more than that the whole is off topic
HIDDEN = N_("hidden word")

UNREAD = N_("This text takes too long to check, so no words in it are hidden.")

Places = Sequence[tuple[Span, bool]]
"""Stretches of a text, and whether each is masked."""


@dataclass(frozen=True, slots=True)
class Marks:
    """The marked stretches of a text. Of one that is not read, only those that others have found."""

    places: Places = ()
    is_read: bool = True

    def __add__(self, other: Marks) -> Marks:
        return Marks((*self.places, *other.places), self.is_read and other.is_read)


@dataclass(frozen=True, slots=True)
class MarkedText:
    """A comment's text with its marks, and how many there are to jump to: none in a short one."""

    html: Markup
    to_jump_to: int

    def __html__(self) -> Markup:
        return self.html


@dataclass(frozen=True, slots=True)
class Excerpt:
    """The beginning of a text with its words masked, and in plain words for names that are only heard."""

    html: Markup
    spoken: str

    def __html__(self) -> Markup:
        return self.html


def marked_text(context: ReviewContext) -> MarkedText:
    """The comment's text with the evidence marked, each mark with an address. Offsets of an older text are not drawn on
    a newer one, in which only listed words are masked."""
    text, marks = context.comment.text, _marks(context)
    is_long = len(text) >= LONG_CHARS
    return MarkedText(mark(text, marks, addressed=True), len(_runs(marks.places, text)) if is_long else 0)


def _marks(context: ReviewContext) -> Marks:
    flagging, text = context.flagging, context.comment.text
    if flagging is None or any(edit.version > flagging.version for edit in context.edits):
        return masked(text, ())
    parts = _read(flagging.reasons)
    return Marks(_shown(text, parts)) + _masked(text, parts)


def earlier_texts(context: ReviewContext) -> dict[int, Markup]:
    """The replaced texts by the version of the edit that replaced them, with the marks of that time."""
    return {
        edit.version: mark(edit.text, masked(edit.text, _reasons_between(context, first, edit.version)))
        for edit, first in zip(context.edits, _beginnings(context.edits), strict=True)
    }


def excerpt(text: str, marks: Marks, *, chars: int = EXCERPT_CHARS) -> Excerpt:
    """A short text; in the queue the style sheet cuts it to its lines."""
    begun = mark(text[:chars], marks)
    return Excerpt(begun + "…" if len(text) > chars else begun, spoken(text[: chars + SPOKEN_CHARS], marks))


def veiled(text: str) -> Markup:
    """A text that no reason is about, such as a reader's report, with listed words masked."""
    return mark(text, masked(text, ()))


def spoken(text: str, marks: Marks) -> str:
    """The first words of a text for names that are only heard; those that are masked are replaced."""
    parts, at = [], 0
    for start, end, is_masked in _runs(marks.places, text):
        if is_masked:
            parts += [text[at:start], f"({gettext(HIDDEN)})"]
            at = end
    line = " ".join("".join([*parts, text[at:]]).split())
    return line if len(line) <= SPOKEN_CHARS else line[:SPOKEN_CHARS].rsplit(" ", 1)[0] + "…"


def mark(text: str, marks: Marks, *, addressed: bool = False) -> Markup:
    """Wraps each span in <mark>, and those to be masked so that the style sheet can hide their words. With addresses
    the first one is ``#mark-1``. A text that could not be read says so first."""
    said = _SAID.format(gettext(HIDDEN))  # made once: a text may have thousands
    parts: list[str] = [] if marks.is_read else [_NOTE.format(gettext(UNREAD))]
    at = 0
    for number, (start, end, is_masked) in enumerate(_runs(marks.places, text), 1):
        id = f' id="mark-{number}" tabindex="-1"' if addressed else ""
        word = escape(text[start:end])
        parts.append(escape(text[at:start]))
        parts.append(_MASKED % (id, said, word) if is_masked else _MARK % (id, word))
        at = end
    parts.append(escape(text[at:]))
    return Markup("".join(parts))  # each is escaped: to format thousands as Markup takes five times as long


_NOTE = Markup('<span class="unread">{}</span> ')
_SAID = Markup('<span class="said">{}</span>')
_MARK = "<mark%s>%s</mark>"
_MASKED = '<mark%s class="masked">%s<span class="word">%s</span></mark>'


def masked(text: str, reasons: Reasons) -> Marks:
    """The words to mask in a text: those of Gavel's lists, and those of the site's by the reasons for which it was
    flagged. Other evidence is for the comment that is being judged, and would only be noise in the texts around it."""
    return _masked(text, _read(reasons))


def _masked(text: str, parts: Sequence[Part]) -> Marks:
    known = [span for part in parts if part.signal in MASKED_SIGNALS for span in _in_comment(part)]
    return Marks([(span, True) for span in known]) + listed(text)


def listed(text: str) -> Marks:
    """The words of Gavel's own lists, masked, as far as the page's time for reading allows."""
    try:
        with reading_time.budget_for(text) as budget:
            budget.check()
            return Marks([(span, True) for span in masking.hidden(text, budget)])
    except TooCostly:
        return Marks(is_read=False)


def _shown(text: str, parts: Sequence[Part]) -> Places:
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


def _runs(places: Places, text: str) -> list[tuple[int, int, bool]]:
    """The marked stretches in order and apart from each other. Marks of words side by side are one, with the space
    between. A masked word cuts the marks that lie around it."""
    within = [(max(0, s.start), min(len(text), s.end), is_masked) for s, is_masked in places]
    within = [(start, end, is_masked) for start, end, is_masked in within if start < end]
    veils = _joined([(start, end) for start, end, is_masked in within if is_masked])
    shown = _joined([(start, end) for start, end, is_masked in within if not is_masked], text)
    rest = [(start, end, False) for start, end in _without(shown, veils)]
    return sorted([*((start, end, True) for start, end in veils), *rest])


def _without(stretches: Sequence[tuple[int, int]], cuts: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The parts of the stretches outside the cuts. Both are in order and apart, so each is looked at once."""
    first = 0
    for start, end in stretches:
        while first < len(cuts) and cuts[first][1] <= start:
            first += 1
        at = start
        for cut_start, cut_end in map(cuts.__getitem__, range(first, len(cuts))):
            if cut_start >= end:
                break
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
