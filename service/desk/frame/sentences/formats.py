"""Times, cut texts and sentences as the templates show them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import lru_cache

from babel import Locale
from babel.dates import DateTimePattern, get_datetime_format, match_skeleton
from markupsafe import Markup, escape

from service.context import utc_now
from service.desk.frame.sentences import numbers
from service.desk.frame.sentences.numbers import figures
from service.languages import choice
from service.languages.choice import LocaleChoice
from service.languages.wording import N_, gettext

STEPS = (
    (60, 1, N_("%(count)s s ago")),
    (3600, 60, N_("%(count)s min ago")),
    (86_400, 3600, N_("%(count)s h ago")),
    (float("inf"), 86_400, N_("%(count)s d ago")),
)
JUST_NOW_S = 10


def ago(then: datetime) -> Markup:
    """``3 min ago`` in a <time> that also gives the exact moment."""
    return _time(then, in_words((utc_now() - then).total_seconds()))


def moment(then: datetime) -> Markup:
    """``2 Mar 2026, 14:05 UTC`` in a <time>, in the reader's language and time zone."""
    return _time(then, _in_zone(then, "yMMMd", "Hm"))


def day(then: date) -> str:
    """``2 Mar 2026``."""
    return _pattern(choice.current().formats, "yMMMd").apply(then, choice.current().formats)


def day_of_year(then: date) -> str:
    """``2 Mar``."""
    return _pattern(choice.current().formats, "MMMd").apply(then, choice.current().formats)


def in_words(seconds: float) -> str:
    """A stretch of time that ends now, in the largest unit that fits: ``4 h ago``."""
    if seconds < JUST_NOW_S:
        return gettext("just now")
    _limit, unit, words = next(step for step in STEPS if seconds < step[0])
    return gettext(words, count=figures(int(seconds // unit)))


def short(text: str, length: int) -> str:
    """One line of a text, cut at a word."""
    line = " ".join(text.split())
    if len(line) <= length:
        return line
    return line[:length].rsplit(" ", 1)[0].rstrip(",;:.") + "…"


def sentence(words: str) -> str:
    """The words with a capital and a full stop: errors come as fragments in lower case."""
    return words[:1].upper() + words[1:] + ("" if words.endswith((".", "…", "?", "!")) else ".")


def one_stop(words: str) -> str:
    """A sentence that ends with a date. German months end in a full stop of their own: ``26. Nov.``"""
    return words.removesuffix(".") if words.endswith("..") else words


def percent(share: float | None) -> str:
    """``12.5%``, or a dash where there is no share."""
    return "–" if share is None else numbers.percent(share, 1)


def _time(then: datetime, words: str) -> Markup:
    """A list has one in every line, and ``Markup.format`` would take ten times as long."""
    exact = then.astimezone(UTC).isoformat(timespec="seconds")
    in_full = _in_zone(then, "yMMMMd", "Hms")
    return Markup(f'<time datetime="{exact}" title="{escape(in_full)}">{escape(words)}</time>')


def _in_zone(then: datetime, day: str, clock: str) -> str:
    """With the name of the zone, by the patterns that Unicode names ``day`` and ``clock``."""
    return _in_words(choice.current(), then, day, clock)


def _in_words(reader: LocaleChoice, then: datetime, day: str, clock: str) -> str:
    there = then.astimezone(reader.zone)
    date_words = _pattern(reader.formats, day).apply(there, reader.formats)
    clock_words = _pattern(reader.formats, clock).apply(there, reader.formats)
    both = _together(reader.formats).replace("{1}", date_words).replace("{0}", clock_words)
    return f"{both} {there.tzname()}"


@lru_cache  # saves 0.28 ms of each of the two in every line of a list, measured
def _pattern(formats: Locale, skeleton: str) -> DateTimePattern:
    skeletons = formats.datetime_skeletons
    pattern: DateTimePattern = skeletons[match_skeleton(skeleton, skeletons) or skeleton]
    return pattern


def _together(formats: Locale) -> str:
    """How a day and a time are joined: ``{1}, {0}``."""
    return str(get_datetime_format("medium", formats)).replace("'", "")
