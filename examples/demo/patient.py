"""A caller that asks again, as Gavel's documents say: every call of the demo may be repeated."""

from __future__ import annotations

import time
from typing import Any

from examples.newsroom.gavel import Away, Gavel

PATIENCE_S = 45.0
PAUSE_S = 1.0


class PatientGavel(Gavel):
    """For calls that may be repeated: reads, articles, and comments with the site's own ids."""

    def call(
        self, method: str, path: str, *, headers: dict[str, str] | None = None, json: Any = None
    ) -> dict[str, Any]:
        """Raises Away only after ``PATIENCE_S``, and Refused at once."""
        ends = time.monotonic() + PATIENCE_S
        while True:
            try:
                return super().call(method, path, headers=headers, json=json)
            except Away:
                if time.monotonic() > ends:
                    raise
                time.sleep(PAUSE_S)
