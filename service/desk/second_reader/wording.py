"""The words of the pages of second readers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from moderation.ground.errors import FieldProblem
from moderation.sites.second_readers.values import ReaderState
from moderation.spine.second_readings.values import MICROS
from service.desk.frame.refusals import translated
from service.desk.frame.sentences.numbers import decimal
from service.languages.wording import N_, gettext

STATES = {
    ReaderState.OFF: N_("Off: it reads nothing."),
    ReaderState.SHADOW: N_("In the shadow: it reads, and nothing follows."),
    ReaderState.ON: N_("On: it may hold comments, propose rules and order the queue."),
}
FIELDS = {
    "base_url": N_("Address"),
    "comments": N_("Comments"),
    "contract": N_("Kind of model"),
    "key": N_("Key"),
    "model": N_("Model"),
    "name": N_("Name"),
    "price_in": N_("Euros for a million tokens read"),
    "price_out": N_("Euros for a million tokens written"),
    "rules": N_("The rules"),
    "state": N_("It"),
    "trial": N_("The trial"),
}


def states() -> Mapping[str, str]:
    return {state.value: gettext(words) for state, words in STATES.items()}


def problems_in_words(problems: Iterable[FieldProblem]) -> list[str]:
    named = ((gettext(FIELDS.get(problem.field, problem.field)), problem) for problem in problems)
    return [f"{name}: {translated(problem.message)}" for name, problem in named]


def price(given: str) -> float | None:
    """With a point or a comma. 0 where nothing was written, and None for anything else."""
    try:
        return float(given.strip().replace(",", ".") or 0)
    except ValueError:
        return None


def euros(micros: float) -> str:
    """With as many places as a small sum needs: ``€0.0021``, ``€3.20``."""
    amount = micros / MICROS
    return f"€{decimal(amount, 2 if amount >= 0.1 or not amount else 4)}"
