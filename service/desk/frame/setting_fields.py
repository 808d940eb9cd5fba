"""A form for some of a site's settings, made of their declarations. Shares are in per cent, and a list has
an entry on each line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from moderation.ground.declaring import SettingUnit
from moderation.ground.errors import FieldProblem, InvalidInput
from moderation.sites.settings.declarations import Declaration
from moderation.sites.settings.values import SiteSettings
from service.desk.frame.refusals import translated
from service.desk.frame.sentences.numbers import exactly, figures, percent, whole
from service.languages.wording import gettext

PLACES = 6  # of a share, so that a form shows what was typed
MOST_DIGITS = 10


@dataclass(frozen=True, slots=True)
class SettingField:
    """A field with its text, and why that cannot be saved. ``shape`` is check, choice, lines or line."""

    name: str
    title: str
    help: str
    shape: str
    value: str
    keyboard: str  # HTML's inputmode, of a line
    choices: tuple[tuple[str, str], ...]
    problem: str | None


def given(form: Mapping[str, str], settings: Iterable[Declaration]) -> dict[str, Any]:
    """The settings by name, shares from 0 to 1. Raises InvalidInput with a problem for each wrong field."""
    values, problems = dict[str, Any](), list[FieldProblem]()
    for setting in settings:
        try:
            values[setting.name] = _value(setting, form.get(setting.name, ""))
        except ValueError:
            problems.append(FieldProblem(setting.name, _bounds(setting)))
    if problems:
        raise InvalidInput(*problems)
    return values


def fields(
    settings: Iterable[Declaration], site: SiteSettings, typed: Mapping[str, str], problems: Iterable[FieldProblem]
) -> list[SettingField]:
    """A form that was sent keeps its values; at first it has the site's settings."""
    wrong = {problem.field: translated(problem.message) for problem in problems}
    return [
        SettingField(
            setting.name,
            _title(setting),
            gettext(setting.description),
            _shape(setting),
            typed.get(setting.name, "") if typed else _shown(setting, getattr(site, setting.name)),
            "decimal" if setting.kind is float else "numeric" if setting.kind is int else "text",
            tuple((value, gettext(words)) for value, words in setting.setting.choices.items()),
            wrong.get(setting.name),
        )
        for setting in settings
    ]


def _title(setting: Declaration) -> str:
    title = gettext(setting.title)
    return gettext("%(title)s, in per cent", title=title) if setting.setting.unit is SettingUnit.SHARE else title


def _shape(setting: Declaration) -> str:
    if issubclass(setting.kind, StrEnum):
        return "choice"
    return {bool: "check", tuple: "lines"}.get(setting.kind, "line")


def _shown(setting: Declaration, value: Any) -> str:
    if value is None or value is False:
        return ""
    if setting.kind is tuple:
        return "\n".join(value)
    if setting.kind is float:
        return f"{100 * value if setting.setting.unit is SettingUnit.SHARE else value:.{MOST_DIGITS}g}"
    return str(value)


def _value(setting: Declaration, text: str) -> Any:
    """Raises ValueError for a text that is no such value."""
    text = text.strip()
    if setting.kind is bool:
        return bool(text)
    if setting.kind is tuple:
        return tuple(line.strip() for line in text.splitlines() if line.strip())
    if not text and setting.is_nullable:
        return None
    if setting.kind not in (int, float):
        return setting.kind(text)
    return _number(setting, text)


def _number(setting: Declaration, text: str) -> float:
    number: float | None = whole(text) if setting.kind is int else float(text.replace(",", "."))
    if setting.setting.unit is SettingUnit.SHARE and number is not None:
        number = round(number / 100, PLACES)
    if number is None or not setting.has(number):
        raise ValueError
    return number


def _bounds(setting: Declaration) -> str:
    if setting.high is None:
        return gettext("choose one of these")
    bounds = setting.bounds(_figures(setting, setting.low), _figures(setting, setting.high))
    return translated(bounds) if bounds else ""


def _figures(setting: Declaration, bound: float) -> str:
    if setting.setting.unit is SettingUnit.SHARE:
        return percent(bound, 0 if float(100 * bound).is_integer() else 2)
    return figures(bound) if isinstance(bound, int) else exactly(bound)
