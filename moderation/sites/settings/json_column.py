"""The form of a site's settings in the database's JSON column. No other module knows it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from moderation.sites.settings import ladder as author_ladder
from moderation.sites.settings import rejection_reasons
from moderation.sites.settings.limits import MAX_GROUP_WORDS, MAX_LANGUAGES, MAX_ORIGINS, MAX_REASONS
from moderation.sites.settings.score_maps import ScoreMaps
from moderation.sites.settings.values import KEPT, NAMES, FormerSecret, SiteSettings, WhenDown, WithoutModel

_MOST: Mapping[str, int] = {  # lists, and how long they are
    "rejection_reasons": MAX_REASONS,
    "origins": MAX_ORIGINS,
    "trusted_languages": MAX_LANGUAGES,
    "held_languages": MAX_LANGUAGES,
    "group_words": MAX_GROUP_WORDS,
}
_LIMITS = ("comments_per_author_per_minute",)
NO_LIMIT = 0
"""In the place of None in a field whose default is a limit: a field that is missing has its default."""

_IN_JSON = frozenset(NAMES) - frozenset(KEPT.values()) | {"keep_days"}


def parse(stored: Mapping[str, Any]) -> SiteSettings:
    """The settings in the JSON column. A field that is missing there has its default."""
    given = {name: stored[name] for name in NAMES if stored.get(name) is not None}
    for name, read in _READERS.items():
        if name in given:
            given[name] = read(given[name])
    given |= {name: None for name in _LIMITS if given.get(name) == NO_LIMIT}
    for name, most in _MOST.items():
        if name in given:
            given[name] = tuple(given[name][:most])
    days = stored.get("keep_days") or {}
    return SiteSettings(**given, **{name: days[status] for status, name in KEPT.items() if status in days})


def in_column(settings: sa.Column[Any], name: str) -> sa.ColumnElement[int | None]:
    """One number of the settings as a column of a query, for what is asked about each comment. None stands for its
    default, and 0 for no limit."""
    assert name in _IN_JSON
    column: sa.ColumnElement[int | None] = settings[name].as_integer()
    return column


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
    changed |= {name: NO_LIMIT for name in _LIMITS if name in changed and changed[name] is None}
    changed |= {name: write(changed[name]) for name, write in WRITERS.items() if changed.get(name)}
    days = {status.value: count for status, count in settings.keep_days.items()}
    return {**unknown, **changed, **({"keep_days": days} if days else {})}


def maps_from_json(stored: Mapping[str, Any]) -> ScoreMaps:
    """Raises ValueError, TypeError and AttributeError for another form."""
    return {name: tuple((float(ours), float(theirs)) for ours, theirs in points) for name, points in stored.items()}


def _maps_in_json(maps: ScoreMaps) -> dict[str, Any]:
    return {name: [list(point) for point in points] for name, points in maps.items()}


def _former_from_json(stored: Mapping[str, Any]) -> FormerSecret:
    return FormerSecret(stored["secret"], datetime.fromisoformat(stored["until"]))


def _former_in_json(former: FormerSecret) -> dict[str, Any]:
    return {"secret": former.secret, "until": former.until.isoformat()}


_READERS: Mapping[str, Callable[[Any], Any]] = {
    "when_scoring_is_down": WhenDown,
    "perspective_without_model": WithoutModel,
    "perspective_score_maps": maps_from_json,
    "reason_details": rejection_reasons.from_json,
    "author_ladder": author_ladder.from_json,
    "former_webhook_secret": _former_from_json,
}
WRITERS: Mapping[str, Callable[[Any], Any]] = {
    "perspective_score_maps": _maps_in_json,
    "reason_details": rejection_reasons.to_json,
    "author_ladder": author_ladder.to_json,
    "former_webhook_secret": _former_in_json,
}
"""The fields whose form in JSON is another, each with the function that writes it."""
