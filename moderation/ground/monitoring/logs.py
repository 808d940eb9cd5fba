"""Logs for people and for machines: a line of text or one JSON object, with the id of the request that it belongs to.

They name comments, sites and rules by id and never hold a comment's text, a key, a password or a query string. Our
own calls keep to that; this module cleans the lines of other libraries.
"""

from __future__ import annotations

import logging
import re
import sys
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from pythonjsonlogger.json import JsonFormatter

FIELDS = "%(asctime)s %(levelname)s %(name)s %(message)s"
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_SECRETS = (  # a line with none of the parts has no such secret, and to look for parts is quick
    (("gvl_", "whsec_"), re.compile(r"\b(gvl|whsec)_[A-Za-z0-9+/=_-]{8,}"), r"\1_…"),
    (("bearer",), re.compile(r"(?i)(bearer\s+)[^\s\"']+"), r"\1…"),
    (("://",), re.compile(r"([a-z][a-z0-9+.-]*://)[^/\s@\"']*@"), r"\1…@"),  # user and password of a URL
    (("?",), re.compile(r"([a-z][a-z0-9+.-]*://[^\s?\"'<>]+|\burl: /[^\s?\"']*)\?[^\s\"'<>]+"), r"\1?…"),
)

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)


def set_up(level: str, form: str) -> None:
    """Sends everything to standard error, as ``text`` or ``json``. It replaces any earlier set-up."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines(FIELDS) if form == "json" else TextLines(FIELDS))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    logging.getLogger("rq.worker").addFilter(_is_news)


def clean(text: str) -> str:
    """Without keys, passwords and query strings."""
    lowered = text.lower()
    for parts, pattern, replacement in _SECRETS:
        if any(part in lowered for part in parts):
            text = pattern.sub(replacement, text)
    return text


def _is_news(record: logging.LogRecord) -> bool:
    """Leaves out the lines that workers log about queues, and about groups of jobs, every quarter of a minute."""
    is_upkeep = re.search(r"cleaning (group )?registries", str(record.msg)) is not None
    return not is_upkeep or record.levelno > logging.INFO


class JsonLines(JsonFormatter):
    def __init__(self, fields: str) -> None:
        super().__init__(fields, rename_fields={"asctime": "time", "levelname": "level", "name": "logger"})

    def add_fields(self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]) -> None:
        super().add_fields(log_data, record, message_dict)
        if (current := request_id.get()) and "request_id" not in log_data:
            log_data["request_id"] = current

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: ARG002, N802
        """RFC 3339 in UTC, so that lines of several machines sort."""
        stamp = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        return stamp.replace("+00:00", "Z")

    def format(self, record: logging.LogRecord) -> str:
        return clean(super().format(record))


class TextLines(logging.Formatter):
    """The standard library's format, followed by a call's extra fields."""

    def format(self, record: logging.LogRecord) -> str:
        given = {name: value for name, value in vars(record).items() if name not in _STANDARD}
        if (current := request_id.get()) and "request_id" not in given:
            given["request_id"] = current
        first, newline, rest = super().format(record).partition("\n")
        fields = "".join(f" {name}={value}" for name, value in given.items() if value is not None)
        return clean(first + fields + newline + rest)
