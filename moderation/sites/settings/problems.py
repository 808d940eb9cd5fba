"""Checks of a site's settings against their limits."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from moderation.ground.errors import FieldProblem, InvalidInput
from moderation.judging.text import groups
from moderation.judging.text.language_names import NAMES as LANGUAGES
from moderation.sites.settings import ladder as author_ladder
from moderation.sites.settings import rejection_reasons, score_maps
from moderation.sites.settings.limits import (
    MAX_APPEALS_PER_AUTHOR,
    MAX_APPEALS_PER_SITE,
    MAX_CHECK_SHARE,
    MAX_CHECKS_PER_DAY,
    MAX_COMMENTS_PER_MINUTE,
    MAX_CONTACT_CHARS,
    MAX_DAYS,
    MAX_EDIT_MINUTES,
    MAX_GROUP_WORDS,
    MAX_LANGUAGES,
    MAX_OBJECTION_DAYS,
    MAX_ORIGIN_CHARS,
    MAX_ORIGINS,
    MAX_PATIENCE_S,
    MAX_READ_PER_DAY,
    MAX_REASON_CHARS,
    MAX_REASONS,
    MAX_SCORE_MAPS,
    MAX_SECRET_CHARS,
    MAX_URL_CHARS,
    MAX_WRONG,
    MIN_PATIENCE_S,
    MIN_WRONG,
)
from moderation.sites.settings.score_maps import ScoreMaps
from moderation.sites.settings.values import KEPT, SiteSettings


def url_problems(url: str | None) -> Iterator[str]:
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


def origins_problems(origins: tuple[str, ...]) -> Iterator[str]:
    if len(origins) > MAX_ORIGINS:
        yield f"must be at most {MAX_ORIGINS} origins"
    if not all(_is_origin(origin) for origin in origins):
        yield "must each be written as browsers send it: https://news.example, without path, user or default port"
    if len(set(origins)) < len(origins):
        yield "must differ from one another"


def _is_origin(text: str) -> bool:
    """As browsers write an origin, since it is compared letter by letter: https://www.rfc-editor.org/rfc/rfc6454#section-6.2"""
    match = _ORIGIN.fullmatch(text)
    if match is None or len(text) > MAX_ORIGIN_CHARS:
        return False
    port = match["port"]
    return port is None or (0 < int(port) < 65_536 and int(port) != _DEFAULT_PORTS[match["scheme"]])


_ORIGIN = re.compile(
    r"(?P<scheme>https?)://(?P<host>\[[0-9a-f:.]+\]|[a-z0-9_-]+(\.[a-z0-9_-]+)*)(:(?P<port>[1-9][0-9]{0,4}))?", re.ASCII
)
_DEFAULT_PORTS = {"http": 80, "https": 443}


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


def _objection_problems(days: int) -> Iterator[str]:
    if not 1 <= days <= MAX_OBJECTION_DAYS:
        yield f"must be between 1 and {MAX_OBJECTION_DAYS:,} days"


def _appeals_per_author_problems(most: int) -> Iterator[str]:
    if not 1 <= most <= MAX_APPEALS_PER_AUTHOR:
        yield f"must be between 1 and {MAX_APPEALS_PER_AUTHOR:,}"


def _appeals_per_site_problems(most: int) -> Iterator[str]:
    if not 0 <= most <= MAX_APPEALS_PER_SITE:
        yield f"must be between 0 and {MAX_APPEALS_PER_SITE:,}"


def _contact_problems(contact: str | None) -> Iterator[str]:
    if contact is not None and not (0 < len(contact) <= MAX_CONTACT_CHARS and contact.isprintable()):
        yield f"must have 1 to {MAX_CONTACT_CHARS} characters on one line"
    if contact is not None and contact != contact.strip():
        yield "must neither begin nor end with a space"


def _edit_problems(minutes: int) -> Iterator[str]:
    if not 0 <= minutes <= MAX_EDIT_MINUTES:
        yield f"must be between 0 and {MAX_EDIT_MINUTES:,}"


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


_ATTRIBUTE = re.compile(r"[A-Z_]{1,50}")
_CHECKS: Mapping[str, Callable[[Any], Iterator[str]]] = {
    "webhook_url": url_problems,
    "patience_s": _patience_problems,
    **dict.fromkeys(KEPT.values(), _days_problems),
    "keep_withdrawn_text_days": _days_problems,
    "keep_labels_days": _days_problems,
    "keep_notices_days": _days_problems,
    "rejection_reasons": _reasons_problems,
    "reason_details": rejection_reasons.problems,
    "objection_days": _objection_problems,
    "objection_contact": _contact_problems,
    "open_appeals_per_author": _appeals_per_author_problems,
    "open_appeals_per_site": _appeals_per_site_problems,
    "author_ladder": author_ladder.problems,
    "comments_per_author_per_minute": _pace_problems,
    "reader_edit_minutes": _edit_problems,
    "origins": origins_problems,
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
    "coral_url": url_problems,
    "coral_token": _secret_problems,
    "coral_signing_secret": _secret_problems,
}
