"""Counts the calls of each site. Each process counts in memory and adds its counts to the database every few seconds,
so that a check costs no transaction; a process that dies loses the last of them."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy.exc import SQLAlchemyError

from moderation.ground.database.engine import Database
from moderation.pipeline.drafts import spam_check_rows as spam_checks

FLUSH_S = 5.0
MAX_HOSTS = 100  # of one site in one process; a caller may name any
OTHERS = "others"

log = logging.getLogger(__name__)

Key = tuple[str, str, str]  # site, month, host


class UsageTally:
    def __init__(self, database: Database, clock: Callable[[], float] = time.monotonic) -> None:
        self._database, self._clock = database, clock
        self._counts: dict[Key, Counter[str]] = {}
        self._hosts: dict[str, set[str]] = {}
        self._lock = threading.Lock()
        self._flushed = clock()

    def add(self, site_id: str, blog: str, kind: str, *, now: datetime) -> None:
        """Counts one call in memory. ``kind`` is one of ``spam_checks.KINDS``."""
        with self._lock:
            key = (site_id, month_of(now), self._host(site_id, blog))
            self._counts.setdefault(key, Counter())[kind] += 1

    def flush_if_due(self) -> None:
        """Call it once the answer is out: the database may let it wait."""
        with self._lock:
            is_due = self._clock() - self._flushed >= FLUSH_S
        if is_due:
            try:
                self.flush()
            except SQLAlchemyError as e:
                log.warning("could not count checks for spam, trying again: %s", e)

    def flush(self) -> None:
        """Adds the counts to the database, or keeps them if it does not answer."""
        with self._lock:
            counts, self._counts, self._flushed = self._counts, {}, self._clock()
        if not counts:
            return
        try:
            with self._database.write() as conn:
                for (site_id, month, host), checks in sorted(counts.items()):
                    spam_checks.add(conn, site_id, month, host, checks)
        except BaseException:
            with self._lock:
                for key, checks in counts.items():
                    self._counts.setdefault(key, Counter()).update(checks)
            raise

    def _host(self, site_id: str, blog: str) -> str:
        known, host = self._hosts.setdefault(site_id, set()), host_of(blog)
        if host not in known and len(known) >= MAX_HOSTS:
            return OTHERS
        known.add(host)
        return host


def month_of(now: datetime) -> str:
    return f"{now:%Y-%m}"


def host_of(blog: str) -> str:
    """The host in the address of a blog, which callers write in many ways."""
    try:
        host = urlsplit(blog if "//" in blog else f"//{blog}").hostname or ""
    except ValueError:
        host = ""
    return "".join(c for c in host if c.isprintable())[:253] or OTHERS
