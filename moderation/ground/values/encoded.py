"""JSON that is text already, on its way into a JSON column."""

from __future__ import annotations

import json
from typing import Any


class Encoded(str):
    """A value for a JSON column that is JSON text already."""

    __slots__ = ()


def stored(value: Any) -> str:
    """The text of a JSON column. The engines call it for every value."""
    return value if type(value) is Encoded else json.dumps(value)
