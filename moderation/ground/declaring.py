"""A site's setting is declared once, as a field of a small class in its subject's room. Its form in the database, the
API, the command, the desk, the documentation and the audit trail derive from that field (``sites.settings``)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar

from pydantic import AfterValidator, BaseModel, ConfigDict


class SettingUnit(StrEnum):
    SHARE = "share"  # from 0 to 1; people read and write it in per cent
    ADDRESS = "address"  # a URL that Gavel calls; what follows its question mark may be a secret


@dataclass(frozen=True, slots=True)
class Setting:
    """Says about a field what Pydantic has no word for. The title and the description are Pydantic's own."""

    unit: SettingUnit | None = None
    choices: Mapping[str, str] = field(default_factory=dict)  # of a StrEnum, each in words
    is_secret: bool = False  # no list, page or audit entry shows it
    is_made: bool = False  # by Gavel: it can only be renewed
    is_for_operators: bool = False  # set at a terminal only
    path: tuple[str, ...] = ()  # in the JSON column, where it is not the name
    former: str | None = None  # the name before, which the API and the command accept until 1.1
    example: str = ""  # JSON of a value that has parts


@dataclass(frozen=True, slots=True)
class Heading:
    """The title of a group, and the page in ``docs/`` that explains it."""

    title: str
    page: str


class SettingGroup(BaseModel):
    """The settings of one subject. A site's settings have the fields of all groups."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False)

    about: ClassVar[Heading]
    is_for_people: ClassVar[bool] = False  # a key reads these, but cannot change them


class Refused(ValueError):
    """A value of a setting breaks rules; ``problems`` follow the name of the field."""

    def __init__(self, *problems: str) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


def checked_by(look: Callable[[Any], Iterable[str]]) -> AfterValidator:
    """Refuses a value in which ``look`` finds problems."""

    def refuse(value: Any) -> Any:
        if problems := tuple(look(value)):
            raise Refused(*problems)
        return value

    return AfterValidator(refuse)


def different(values: tuple[str, ...]) -> Iterable[str]:
    """A check of a list that names nothing twice."""
    if len(set(values)) < len(values):
        yield "must differ from one another"
