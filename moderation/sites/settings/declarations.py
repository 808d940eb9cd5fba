"""A declared setting as others need it: its type, its bounds, and its form in JSON, all read from its field."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from types import NoneType, UnionType
from typing import Any, get_args, get_origin

from pydantic import TypeAdapter
from pydantic.fields import FieldInfo

from moderation.ground.declaring import Setting, SettingGroup, SettingUnit
from moderation.ground.errors import Said, said
from moderation.ground.monitoring import logs

NO_LIMIT = 0
"""In the column in the place of None, if the default is a limit: a setting that is missing there has its default."""


@dataclass(frozen=True)
class Declaration:
    """One setting of a group."""

    name: str
    group: type[SettingGroup]
    field: FieldInfo
    setting: Setting
    default: Any
    form: TypeAdapter[Any]

    @property
    def title(self) -> str:
        return self.field.title or self.name

    @property
    def description(self) -> str:
        return self.field.description or ""

    @property
    def said(self) -> str:
        """The title and the description, as sentences."""
        return f"{self.title}. {self.description}".rstrip()

    @property
    def explained(self) -> str:
        """With the bounds and the choices, for commands."""
        return f"{self.title}{', ' if self.span else ''}{self.span}. {self.description}".rstrip() + self.choices

    @property
    def choices(self) -> str:
        """The choices, as sentences."""
        return "".join(f" `{name}`: {words}." for name, words in self.setting.choices.items())

    @property
    def span(self) -> str:
        """The bounds: ``1 to 100``. Empty without any."""
        if self.high is None:
            return ""
        unit = " characters" if self.kind is str else " entries" if self.kind is tuple else ""
        if self.low is None or unit:
            return f"at most {self.high:,}{unit}"
        return f"above {self.low:,}, at most {self.high:,}" if self.is_above else f"{self.low:,} to {self.high:,}"

    @property
    def path(self) -> tuple[str, ...]:
        """Where its value is in the JSON column."""
        return self.setting.path or (self.name,)

    @property
    def is_nullable(self) -> bool:
        return NoneType in get_args(self.field.annotation)

    @property
    def kind(self) -> type:
        """The type without None: bool, int, float, str, tuple for a list of strings, a StrEnum, or object for a value
        that has parts."""
        annotation: Any = self.field.annotation
        if isinstance(annotation, UnionType):
            annotation = next(part for part in get_args(annotation) if part is not NoneType)
        if get_origin(annotation) is tuple:
            return tuple
        is_plain = isinstance(annotation, type) and (issubclass(annotation, StrEnum) or annotation in _PLAIN)
        return annotation if is_plain else object

    @property
    def is_open(self) -> bool:
        """Whether people may change it at the desk and by API, in a form that is the same for all settings."""
        setting = self.setting
        return not (setting.is_secret or setting.is_made or setting.is_for_operators) and self.kind is not object

    @property
    def low(self) -> Any:
        """The least number, or the fewest characters or entries. ``is_above`` excludes it itself."""
        return self._bound("ge", "gt", "min_length")

    @property
    def high(self) -> Any:
        return self._bound("le", "max_length")

    @property
    def is_above(self) -> bool:
        return self._bound("gt") is not None

    def _bound(self, *names: str) -> Any:
        bounds = (getattr(limit, name, None) for limit in self.field.metadata for name in names)
        return next((bound for bound in bounds if bound is not None), None)

    def has(self, number: float) -> bool:
        """Whether a number is within the bounds."""
        return self.low <= number <= self.high and not (self.is_above and number == self.low)

    def bounds(self, low: object, high: object) -> Said | None:
        """The bounds in words that follow the name of the field, with the numbers as the reader writes them."""
        if self.high is None:
            return None
        if self.kind is str:
            return said("must have %(low)s to %(high)s characters", low=low or 1, high=high)
        if self.kind is tuple:
            return said("must have %(low)s to %(high)s entries", low=low or 0, high=high)
        if self.kind is int:
            return said("must be a whole number from %(low)s to %(high)s", low=low, high=high)
        if self.is_above:
            return said("must be above %(low)s and at most %(high)s", low=low, high=high)
        return said("must be between %(low)s and %(high)s", low=low, high=high)

    def reader(self) -> Callable[[Any], Any] | None:
        """Makes a value of its form in the JSON column, which no bounds check. None: the form is the value."""
        if self._has_no_limit_for_none:
            return lambda stored: None if stored == NO_LIMIT else stored
        if self.kind is tuple:
            most = self._bound("max_length")
            return lambda stored: tuple(stored[:most])
        if self.kind in _PLAIN:
            return None
        return self.kind if issubclass(self.kind, StrEnum) else self.form.validate_python

    def write(self, value: Any) -> Any:
        """The value's form in JSON."""
        if value is None and self._has_no_limit_for_none:
            return NO_LIMIT
        if self.kind is tuple:
            return list(value)
        return value if self.kind in _PLAIN else self.form.dump_python(value, mode="json")

    def of_text(self, text: str) -> Any:
        """A value with parts, of JSON that people wrote. Raises ValueError."""
        return self.form.validate_json(text, strict=True)

    def shown(self, value: Any) -> Any:
        """The value as lists and the audit trail show it. Of a secret it says only that there is one."""
        if value is None:
            return None
        if self.setting.is_secret:
            return "set"
        if self.setting.unit is SettingUnit.ADDRESS:
            return logs.clean(value)
        return self.write(value)

    @property
    def _has_no_limit_for_none(self) -> bool:
        return self.is_nullable and self.default is not None


_PLAIN = (bool, int, float, str)


def declarations_of(group: type[SettingGroup]) -> list[Declaration]:
    return [_declaration(group, name, field) for name, field in group.model_fields.items()]


def _declaration(group: type[SettingGroup], name: str, field: FieldInfo) -> Declaration:
    setting = next((words for words in field.metadata if isinstance(words, Setting)), Setting())
    annotation: Any = field.annotation
    default = field.get_default(call_default_factory=True)
    return Declaration(name, group, field, setting, default, TypeAdapter(annotation))
