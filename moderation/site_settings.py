"""The settings of one site: each field with its type, its limits and its form in the database's JSON column.

The rest of the code reads a site's settings as ``SiteSettings``; no other module knows the JSON. ``settings`` has the
environment's settings, which apply to the whole installation.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from moderation import author_ladder, rejection_reasons, score_maps
from moderation.author_ladder import Ladder
from moderation.errors import FieldProblem, InvalidInput
from moderation.model import CommentStatus, SiteLanguages
from moderation.monitoring import logs
from moderation.rejection_reasons import SPAM_REASON, Details
from moderation.score_maps import ScoreMaps
from moderation.text import groups
from moderation.text.languages import NAMES as LANGUAGES

MAX_URL_CHARS = 2_000
MIN_PATIENCE_S, MAX_PATIENCE_S = 10, 7 * 86_400
MAX_DAYS = 36_500
LABEL_DAYS = 365
MAX_REASONS = 6  # the desk has a key for each
MAX_REASON_CHARS = 50
MAX_COMMENTS_PER_MINUTE = 1_000
MAX_ORIGINS = 20
MAX_SCORE_MAPS = 20
MAX_ORIGIN_CHARS = 300
MAX_CHECK_SHARE = 0.25
MAX_CHECKS_PER_DAY = 1_000
MIN_WRONG, MAX_WRONG = 0.0001, 0.5
MAX_GROUP_WORDS = 500
MAX_READ_PER_DAY = 1_000_000
MAX_LANGUAGES = 50
MAX_LANGUAGE_CHARS = 3
DEFAULT_REASONS = (
    "Insult or abuse",
    "Hate or attack on a group",
    "Threat or call for violence",
    "Off topic",
    SPAM_REASON,
    "Other",
)
MADE_SECRETS = frozenset({"webhook_secret"})  # by Gavel
SECRETS = MADE_SECRETS | {"coral_signing_secret", "coral_token"}  # no list, page or audit entry shows these
MAX_SECRET_CHARS = 2_000
SPAM_LIMIT = 0.62  # at which models/spam/README.md has its measurements


class WhenDown(StrEnum):
    HOLD = "hold"  # people decide every comment
    RULES_ONLY = "rules_only"  # the rules that need no model decide alone


class WithoutModel(StrEnum):
    """The answer to a caller of Perspective's interface who asks for an attribute that no model here measures."""

    ERROR = "error"  # as Perspective answers to an unknown one
    OMIT = "omit"  # it is left out


@dataclass(frozen=True, slots=True)
class SiteSettings:
    """A new site has the defaults. ``docs/site-settings.md`` explains each field."""

    webhook_url: str | None = None
    webhook_secret: str | None = field(default=None, repr=False)
    patience_s: float | None = None  # None: comments wait without a limit
    when_scoring_is_down: WhenDown = WhenDown.HOLD
    keep_published_days: int | None = None  # None keeps them for ever, here and below
    keep_rejected_days: int | None = None
    keep_withdrawn_days: int | None = None
    keep_withdrawn_text_days: int | None = None  # then the text goes, and the comment stays
    keep_labels_days: int = LABEL_DAYS
    rejection_reasons: tuple[str, ...] = DEFAULT_REASONS
    reason_details: Details = field(default_factory=dict)  # of the reasons that the site itself describes
    author_ladder: Ladder | None = None
    comments_per_author_per_minute: int | None = None  # None: as many as they like
    origins: tuple[str, ...] = ()  # of the site's pages, which may read what is public
    trusted_languages: tuple[str, ...] = ()  # ISO 639 codes, here and below
    held_languages: tuple[str, ...] = ()
    perspective_without_model: WithoutModel = WithoutModel.ERROR
    perspective_score_maps: ScoreMaps = field(default_factory=dict)  # attributes without one keep our own scale
    akismet_spam_limit: float = SPAM_LIMIT  # from which on the spam signal alone is an answer of "spam"
    akismet_counts_toxicity: bool = False  # whether the policy's rules on toxicity are one too
    check_share: float = 0.01  # of what the policy decides: people check it without seeing the verdict
    check_most_per_day: int = 40
    most_wrong_published: float = 0.01  # the wishes: shares that people would decide otherwise, here and below
    most_wrong_rejected: float = 0.02
    read_per_day: int = 300  # comments that people can read
    group_words: tuple[str, ...] = ()  # "group: word" adds to the words by which we see that a text mentions a group
    coral_url: str | None = None  # of the Coral that sends its comments here
    coral_token: str | None = field(default=None, repr=False)  # lets Gavel decide comments there
    coral_signing_secret: str | None = field(default=None, repr=False)  # proves that a request comes from there

    @property
    def languages(self) -> SiteLanguages:
        """How far the site trusts the scores, by language."""
        return SiteLanguages(frozenset(self.trusted_languages), frozenset(self.held_languages))

    @property
    def reasons_against_author(self) -> frozenset[str]:
        """The reasons for rejection that count on the ladder."""
        return rejection_reasons.counting(self.reason_details, self.rejection_reasons)

    @property
    def patience(self) -> timedelta | None:
        """How long comments wait for their scores; None is without a limit."""
        return timedelta(seconds=self.patience_s) if self.patience_s is not None else None

    @property
    def keep_days(self) -> dict[CommentStatus, int]:
        """Days by status. Comments in the other statuses are kept for ever."""
        found = {status: getattr(self, name) for status, name in KEPT.items()}
        return {status: days for status, days in found.items() if days is not None}


KEPT: Mapping[CommentStatus, str] = {
    CommentStatus.PUBLISHED: "keep_published_days",
    CommentStatus.REJECTED: "keep_rejected_days",
    CommentStatus.WITHDRAWN: "keep_withdrawn_days",
}
"""The statuses whose comments a site may delete after some days, each with the field that holds the days. Comments that
wait for a decision are always kept."""

_MOST: Mapping[str, int] = {  # lists, and how long they are
    "rejection_reasons": MAX_REASONS,
    "origins": MAX_ORIGINS,
    "trusted_languages": MAX_LANGUAGES,
    "held_languages": MAX_LANGUAGES,
    "group_words": MAX_GROUP_WORDS,
}
NAMES = tuple(f.name for f in fields(SiteSettings))
_IN_JSON = frozenset(NAMES) - frozenset(KEPT.values()) | {"keep_days"}


def parse(stored: Mapping[str, Any]) -> SiteSettings:
    """The settings in the JSON column. A field that is missing there has its default."""
    given = {name: stored[name] for name in NAMES if stored.get(name) is not None}
    for name, read in _READ.items():
        if name in given:
            given[name] = read(given[name])
    for name, most in _MOST.items():
        if name in given:
            given[name] = tuple(given[name][:most])
    days = stored.get("keep_days") or {}
    return SiteSettings(**given, **{name: days[status] for status, name in KEPT.items() if status in days})


def dump(settings: SiteSettings, *, beside: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The JSON column for these settings: fields that differ from their defaults, and the fields in ``beside`` that
    only a newer version of Gavel knows."""
    unknown = {name: value for name, value in (beside or {}).items() if name not in _IN_JSON}
    default = SiteSettings()
    changed = {
        name: getattr(settings, name)
        for name in NAMES
        if name not in KEPT.values() and getattr(settings, name) != getattr(default, name)
    }
    changed |= {name: list(changed[name]) for name in _MOST if name in changed}
    changed |= {name: write(changed[name]) for name, write in _WRITE.items() if changed.get(name)}
    days = {status.value: count for status, count in settings.keep_days.items()}
    return {**unknown, **changed, **({"keep_days": days} if days else {})}


def check(settings: SiteSettings) -> None:
    """Raises InvalidInput, which names each field that is out of its limits."""
    problems = [FieldProblem(name, said) for name, look in _CHECKS.items() for said in look(getattr(settings, name))]
    text_days, days = settings.keep_withdrawn_text_days, settings.keep_withdrawn_days
    if not problems and text_days is not None and days is not None and text_days >= days:
        said = f"must be less than the {days} days after which the withdrawn comment itself goes"
        problems.append(FieldProblem("keep_withdrawn_text_days", said))
    both = sorted(set(settings.trusted_languages) & set(settings.held_languages))
    if both and not problems:
        problems.append(FieldProblem("held_languages", f"must have no language that is trusted, too: {both[0]}"))
    undescribed = settings.reason_details.keys() - set(settings.rejection_reasons)
    if undescribed and not problems:
        said = f"must describe reasons that the site has: {min(undescribed)[:50]!r} is none"
        problems.append(FieldProblem("reason_details", said))
    if problems:
        raise InvalidInput(*problems)


def differences(before: SiteSettings, after: SiteSettings) -> tuple[dict[str, Any], dict[str, Any]]:
    """The fields that differ, before and after, for the audit trail. Secrets are left out."""
    changed = [name for name in NAMES if getattr(before, name) != getattr(after, name)]
    return {n: _shown(before, n) for n in changed}, {n: _shown(after, n, before) for n in changed}


def shown(settings: SiteSettings) -> dict[str, Any]:
    """Every field, for a list of settings. Secrets are left out."""
    return {name: _shown(settings, name) for name in NAMES}


def _shown(settings: SiteSettings, name: str, before: SiteSettings | None = None) -> Any:
    value = getattr(settings, name)
    if name in SECRETS:
        was_set = before is not None and getattr(before, name) is not None
        return None if value is None else "renewed" if was_set else "set"
    if name == "webhook_url":
        return logs.clean(value) if value is not None else None
    if name in _WRITE:
        return _WRITE[name](value) if value is not None else None
    return list(value) if isinstance(value, tuple) else value


def maps_from_json(stored: Mapping[str, Any]) -> ScoreMaps:
    """Raises ValueError, TypeError and AttributeError for another form."""
    return {name: tuple((float(ours), float(theirs)) for ours, theirs in points) for name, points in stored.items()}


def _maps_in_json(maps: ScoreMaps) -> dict[str, Any]:
    return {name: [list(point) for point in points] for name, points in maps.items()}


_READ: Mapping[str, Callable[[Any], Any]] = {
    "when_scoring_is_down": WhenDown,
    "perspective_without_model": WithoutModel,
    "perspective_score_maps": maps_from_json,
    "reason_details": rejection_reasons.from_json,
    "author_ladder": author_ladder.from_json,
}
_WRITE: Mapping[str, Callable[[Any], Any]] = {
    "perspective_score_maps": _maps_in_json,
    "reason_details": rejection_reasons.to_json,
    "author_ladder": author_ladder.to_json,
}


def _url_problems(url: str | None) -> Iterator[str]:
    """Checks the form only: delivery checks the address that the name resolves to."""
    if url is None:
        return
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        yield "is not a URL"
        return
    is_plain = url.isprintable() and " " not in url
    if parts.scheme not in ("http", "https") or not parts.hostname or len(url) > MAX_URL_CHARS or not is_plain:
        yield "must be an http or https URL"
    elif parts.username or parts.password or parts.fragment:
        yield "must have no credentials and no fragment"


def _patience_problems(seconds: float | None) -> Iterator[str]:
    if seconds is not None and not MIN_PATIENCE_S <= seconds <= MAX_PATIENCE_S:
        yield f"must be between {MIN_PATIENCE_S} and {MAX_PATIENCE_S:,}"


def _days_problems(days: int | None) -> Iterator[str]:
    if days is not None and not 1 <= days <= MAX_DAYS:
        yield f"must be between 1 and {MAX_DAYS:,} days"


def _reasons_problems(reasons: tuple[str, ...]) -> Iterator[str]:
    if not 1 <= len(reasons) <= MAX_REASONS:
        yield f"must be 1 to {MAX_REASONS} reasons"
    if any(not 0 < len(reason) <= MAX_REASON_CHARS or reason != reason.strip() for reason in reasons):
        yield f"must have 1 to {MAX_REASON_CHARS} characters each and neither begin nor end with a space"
    if not all(reason.isprintable() for reason in reasons):
        yield "must not contain control characters"
    if len({reason.casefold() for reason in reasons}) < len(reasons):
        yield "must differ from one another"


def _limit_problems(limit: float) -> Iterator[str]:
    if not 0 < limit <= 1:
        yield "must be above 0 and at most 1"


def _check_share_problems(share: float) -> Iterator[str]:
    if not 0 <= share <= MAX_CHECK_SHARE:
        yield f"must be between 0 and {MAX_CHECK_SHARE}"


def _checks_problems(per_day: int) -> Iterator[str]:
    if not 0 <= per_day <= MAX_CHECKS_PER_DAY:
        yield f"must be between 0 and {MAX_CHECKS_PER_DAY:,}"


def _wrong_problems(share: float) -> Iterator[str]:
    if not MIN_WRONG <= share <= MAX_WRONG:
        yield f"must be between {MIN_WRONG} and {MAX_WRONG}"


def _reading_problems(per_day: int) -> Iterator[str]:
    if not 1 <= per_day <= MAX_READ_PER_DAY:
        yield f"must be between 1 and {MAX_READ_PER_DAY:,}"


def _group_words_problems(entries: tuple[str, ...]) -> Iterator[str]:
    if len(entries) > MAX_GROUP_WORDS:
        yield f"must be at most {MAX_GROUP_WORDS} entries"
    wrong = next((entry for entry in entries if not groups.is_entry(entry)), None)
    if wrong is not None:
        yield f"must be written as group: word, or group: -word for one that is not to count: {wrong[:50]!r} is not"


def _secret_problems(secret: str | None) -> Iterator[str]:
    if secret is not None and not (0 < len(secret) <= MAX_SECRET_CHARS and secret.isascii() and secret.isprintable()):
        yield f"must have 1 to {MAX_SECRET_CHARS:,} printable ASCII characters"
    if secret is not None and secret != secret.strip():
        yield "must neither begin nor end with a space"


def _pace_problems(per_minute: int | None) -> Iterator[str]:
    if per_minute is not None and not 1 <= per_minute <= MAX_COMMENTS_PER_MINUTE:
        yield f"must be between 1 and {MAX_COMMENTS_PER_MINUTE:,}"


def _origins_problems(origins: tuple[str, ...]) -> Iterator[str]:
    if len(origins) > MAX_ORIGINS:
        yield f"must be at most {MAX_ORIGINS} origins"
    if not all(_is_origin(origin) for origin in origins):
        yield "must each be written as browsers send it: https://news.example, without path, user or default port"
    if len(set(origins)) < len(origins):
        yield "must differ from one another"


def _languages_problems(codes: tuple[str, ...]) -> Iterator[str]:
    if len(codes) > MAX_LANGUAGES:
        yield f"must be at most {MAX_LANGUAGES} languages"
    unknown = next((code for code in codes if code not in LANGUAGES), None)
    if unknown is not None:
        yield f"must be ISO 639 codes in lower case, such as de: {unknown[:20]!r} is none that Gavel knows"
    if len(set(codes)) < len(codes):
        yield "must differ from one another"


def _maps_problems(maps: ScoreMaps) -> Iterator[str]:
    if len(maps) > MAX_SCORE_MAPS or not all(_ATTRIBUTE.fullmatch(name) for name in maps):
        yield f"must be at most {MAX_SCORE_MAPS} attributes, written like TOXICITY"
    for name, points in maps.items():
        yield from (f"{problem} ({name[:50]})" for problem in score_maps.problems(points))


def _is_origin(text: str) -> bool:
    """As browsers write an origin, since it is compared letter by letter: https://www.rfc-editor.org/rfc/rfc6454#section-6.2"""
    found = _ORIGIN.fullmatch(text)
    if found is None or len(text) > MAX_ORIGIN_CHARS:
        return False
    port = found["port"]
    return port is None or (0 < int(port) < 65_536 and int(port) != _DEFAULT_PORTS[found["scheme"]])


_ORIGIN = re.compile(
    r"(?P<scheme>https?)://(?P<host>\[[0-9a-f:.]+\]|[a-z0-9_-]+(\.[a-z0-9_-]+)*)(:(?P<port>[1-9][0-9]{0,4}))?", re.ASCII
)
_ATTRIBUTE = re.compile(r"[A-Z_]{1,50}")
_DEFAULT_PORTS = {"http": 80, "https": 443}
_CHECKS: Mapping[str, Callable[[Any], Iterator[str]]] = {
    "webhook_url": _url_problems,
    "patience_s": _patience_problems,
    **dict.fromkeys(KEPT.values(), _days_problems),
    "keep_withdrawn_text_days": _days_problems,
    "keep_labels_days": _days_problems,
    "rejection_reasons": _reasons_problems,
    "reason_details": rejection_reasons.problems,
    "author_ladder": author_ladder.problems,
    "comments_per_author_per_minute": _pace_problems,
    "origins": _origins_problems,
    "trusted_languages": _languages_problems,
    "held_languages": _languages_problems,
    "perspective_score_maps": _maps_problems,
    "akismet_spam_limit": _limit_problems,
    "check_share": _check_share_problems,
    "check_most_per_day": _checks_problems,
    "most_wrong_published": _wrong_problems,
    "most_wrong_rejected": _wrong_problems,
    "read_per_day": _reading_problems,
    "group_words": _group_words_problems,
    "coral_url": _url_problems,
    "coral_token": _secret_problems,
    "coral_signing_secret": _secret_problems,
}
