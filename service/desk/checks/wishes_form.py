"""The form with the share of comments to check and the errors that a site accepts. Its shares are in per cent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from moderation.ground.errors import FieldProblem, InvalidInput
from moderation.sites.settings.limits import MAX_CHECK_SHARE, MAX_CHECKS_PER_DAY, MAX_WRONG, MIN_WRONG
from moderation.sites.settings.values import SiteSettings
from service.desk.frame.sentences.numbers import figures, percent, whole
from service.languages.wording import N_, gettext

PLACES = 6  # of a share, so that a form shows what was typed
TITLES = {
    "check_share": N_("Share of the policy’s decisions that moderators check, in per cent"),
    "check_most_per_day": N_("Most checks within 24 hours"),
    "most_wrong_published": N_("Share published unread that may be wrong, in per cent"),
    "most_wrong_rejected": N_("Share rejected by rule that may be wrong, in per cent"),
}
SHARES = {
    "check_share": (0.0, MAX_CHECK_SHARE),
    "most_wrong_published": (MIN_WRONG, MAX_WRONG),
    "most_wrong_rejected": (MIN_WRONG, MAX_WRONG),
}


@dataclass(frozen=True, slots=True)
class Field:
    """A field with its text, and why that cannot be saved."""

    name: str
    title: str
    value: str
    keyboard: str  # HTML's inputmode
    problem: str | None = None


def given(form: Mapping[str, str]) -> dict[str, Any]:
    """The settings by name, shares from 0 to 1. Raises InvalidInput with a problem for each wrong field."""
    wishes, problems = dict[str, Any](), list[FieldProblem]()
    for name in TITLES:
        try:
            wishes[name] = _share(form, name) if name in SHARES else _per_day(form, name)
        except InvalidInput as e:
            problems += e.problems
    if problems:
        raise InvalidInput(*problems)
    return wishes


def fields(settings: SiteSettings, typed: Mapping[str, str], problems: Mapping[str, str]) -> list[Field]:
    """The form keeps the typed values; at first it has the site's settings."""
    return [
        Field(
            name,
            gettext(title),
            typed.get(name, _shown(settings, name)),
            "decimal" if name in SHARES else "numeric",
            problems.get(name),
        )
        for name, title in TITLES.items()
    ]


def _shown(settings: SiteSettings, name: str) -> str:
    value = getattr(settings, name)
    return f"{100 * value:g}" if name in SHARES else str(value)


def _share(form: Mapping[str, str], name: str) -> float:
    low, high = SHARES[name]
    try:
        share = round(float(form.get(name, "").replace(",", ".")) / 100, PLACES)
    except ValueError:
        share = float("nan")
    if not low <= share <= high:
        between = gettext("must be between %(low)s and %(high)s", low=_bound(low), high=_bound(high))
        raise InvalidInput(FieldProblem(name, between))
    return share


def _bound(share: float) -> str:
    return percent(share, 0 if (100 * share).is_integer() else 2)


def _per_day(form: Mapping[str, str], name: str) -> int:
    number = whole(form.get(name, ""))
    if number is None or number > MAX_CHECKS_PER_DAY:
        most = gettext("must be a whole number, at most %(high)s", high=figures(MAX_CHECKS_PER_DAY))
        raise InvalidInput(FieldProblem(name, most))
    return number
