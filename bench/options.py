"""The options of a measurement on the command line, as the fields of its plan declare them.

``rounds: Annotated[int, Option("of each text")] = 5`` becomes ``--rounds``. A field without a default becomes a
positional argument, and a tuple takes several values. A field without an ``Option`` stays at its default.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import MISSING, Field, dataclass, fields
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Protocol, TypeVar, get_args, get_origin, get_type_hints


class DataclassInstance(Protocol):
    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]


Plan = TypeVar("Plan", bound=DataclassInstance)


@dataclass(frozen=True, slots=True)
class Option:
    help: str | None = None
    name: str | None = None  # with underscores, if it is not the field's own
    metavar: str | None = None


def add_options(parser: argparse.ArgumentParser, plan: type[DataclassInstance]) -> None:
    for field, value, option in _declared(plan):
        one, *others = get_args(value) or (value,)  # int of tuple[int, ...], Path of Path | None
        name, is_positional = option.name or field.name, field.default is MISSING
        parser.add_argument(
            name if is_positional else f"--{name.replace('_', '-')}",
            type=one,
            nargs="+" if Ellipsis in others else None,
            choices=tuple(one) if issubclass(one, StrEnum) else None,
            default=None if is_positional else field.default,
            help=option.help,
            metavar=option.metavar,
        )


def plan_from(options: argparse.Namespace, plan: type[Plan]) -> Plan:
    given = {field.name: getattr(options, option.name or field.name) for field, _, option in _declared(plan)}
    return plan(**{name: tuple(value) if isinstance(value, list) else value for name, value in given.items()})


def _declared(plan: type[DataclassInstance]) -> Iterator[tuple[Field[Any], Any, Option]]:
    hints = get_type_hints(plan, include_extras=True)
    for field in fields(plan):
        if get_origin(hints[field.name]) is Annotated:
            value, option = get_args(hints[field.name])
            yield field, value, option
