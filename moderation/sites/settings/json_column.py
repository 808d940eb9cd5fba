"""The form of a site's settings in the database's JSON column. No other module knows it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from moderation.sites.settings.values import DECLARED, SiteSettings

_NEW = SiteSettings()
_OURS = frozenset(declaration.path[0] for declaration in DECLARED.values())
_PLACES = tuple((*declaration.path, "")[:2] for declaration in DECLARED.values())
_READERS = tuple(zip(DECLARED, _PLACES, (declaration.reader() for declaration in DECLARED.values()), strict=True))


def parse(stored: Mapping[str, Any]) -> SiteSettings:
    """The settings in the JSON column. A field that is missing there has its default."""
    values = {}
    for name, (place, part), read in _READERS:
        value = stored.get(place)
        if part:
            value = (value or {}).get(part)
        if value is not None:
            values[name] = read(value) if read else value
    return _NEW.model_copy(update=values)


def in_column(settings: sa.Column[Any], name: str) -> sa.ColumnElement[int | None]:
    """One number of the settings as a column of a query, for what is asked about each comment. None stands for its
    default, and 0 for no limit."""
    (place,) = DECLARED[name].path
    number: sa.ColumnElement[int | None] = settings[place].as_integer()
    return number


def dump(settings: SiteSettings, *, beside: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The JSON column for these settings: fields that differ from their defaults, and the fields in ``beside`` that
    only a newer version of Gavel knows."""
    column = {place: value for place, value in (beside or {}).items() if place not in _OURS}
    for name, declaration in DECLARED.items():
        value = getattr(settings, name)
        if value != declaration.default:
            *outer, place = declaration.path
            within = column.setdefault(outer[0], {}) if outer else column
            within[place] = declaration.write(value)
    return column
