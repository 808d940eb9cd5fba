"""The rule for names that people give to sites, keys and persons."""

from __future__ import annotations

from moderation.ground.errors import FieldProblem, InvalidInput, said

MAX_NAME_CHARS = 100


def check_name(name: str) -> None:
    """Raises InvalidInput."""
    if not name.isprintable() or not 0 < len(name.strip()) <= MAX_NAME_CHARS:
        raise InvalidInput(
            FieldProblem("name", said("must be 1 to %(most)s printable characters", most=MAX_NAME_CHARS))
        )
