"""A change of a site's settings in words, made of their declarations."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from moderation.ground.declaring import SettingUnit
from moderation.sites.settings.declarations import Declaration
from moderation.sites.settings.values import DECLARED
from service.desk.frame.sentences.numbers import percent
from service.languages.wording import gettext

FORMER = {declared.setting.former: declared for declared in DECLARED.values() if declared.setting.former}


def changed(before: Mapping[str, object], after: Mapping[str, object], plain: Callable[[object], str]) -> Iterator[str]:
    """A line for each setting. ``plain`` words every value that is neither a choice nor a share."""
    for name in after:
        was, is_now = (_value(name, values.get(name)) for values in (before, after))
        for part, was_there, is_there in _parts(was, is_now):
            yield f"{_title(name)}{part}: {plain(was_there)} → {plain(is_there)}"


def _parts(was: object, is_now: object) -> Iterator[tuple[str, object, object]]:
    """Of a value with named parts, such as the descriptions of reasons, those that changed; else the whole."""
    values = [value if isinstance(value, Mapping) else {} for value in (was, is_now)]
    names = dict.fromkeys(name for value in values for name in value)
    if not names:
        yield "", was, is_now
    for name in names:
        was_there, is_there = (value.get(name) for value in values)
        if was_there != is_there:
            yield f", {str(name).replace('_', ' ')}", was_there, is_there


def _title(name: str) -> str:
    """The setting's title. Of one that another version of Gavel has, its name."""
    declared = _declared(name)
    return gettext(declared.title) if declared else name.replace("_", " ").capitalize()


def _value(name: str, value: object) -> object:
    """A choice in words and a share in per cent; every other value stays as it is."""
    declared = _declared(name)
    if declared and isinstance(value, str) and value in declared.setting.choices:
        return gettext(declared.setting.choices[value])
    if declared and declared.setting.unit is SettingUnit.SHARE and isinstance(value, int | float):
        return percent(value, 2)
    return value


def _declared(name: str) -> Declaration | None:
    return DECLARED.get(name) or FORMER.get(name)
