"""The log of the HTTP servers, for the web service and the scoring process."""

from __future__ import annotations

from typing import Any

from gunicorn import glogging  # type: ignore[import-untyped]


class Logger(glogging.Logger):  # type: ignore[misc]
    """Sends the server's own messages to the same log as ours, in the same form."""

    def setup(self, cfg: Any) -> None:
        self.cfg = cfg
        self.error_log.handlers.clear()
        self.error_log.propagate = True
