"""This process's count of waiting comments, asked before a comment is taken in."""

from __future__ import annotations

from flask import Flask, current_app

from moderation.queueing.backlog import Backlog
from moderation.store.database import Database
from service.context import utc_now

EXTENSION = "gavel.backlog"


def register(app: Flask, database: Database, limit: int) -> None:
    app.extensions[EXTENSION] = Backlog(database, limit)


def refuse_over_backlog(incoming: int) -> None:
    """Raises BacklogFull."""
    backlog: Backlog = current_app.extensions[EXTENSION]
    backlog.check(incoming, now=utc_now())
