"""Asks pages for the titles of articles that a comment has made. A page is called as a webhook is, and it may send its
reader on within its own origin only."""

from __future__ import annotations

import logging
import re
import time
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import urljoin

from moderation.ground.database.engine import Database
from moderation.ground.webhooks.sending import NotSent, Sender, WebhookAnswer
from moderation.judging.text.contacts.address_form import MAX_URL_CHARS, origin_of
from moderation.sites import rows as sites
from moderation.spine.articles import untitled_rows as store
from moderation.spine.articles.page_head import title_of
from moderation.spine.articles.untitled_rows import Untitled

RETRY_AFTER = tuple(timedelta(seconds=s) for s in (60, 600, 7_200, 86_400))
PAGE = 20
MAX_HEAD_BYTES = 64 * 1024
DEADLINE_S = 5.0  # for a page: the events of its site wait meanwhile
MOST_REDIRECTS = 2
MAX_KIND_CHARS = 200
_CHARSET = re.compile(r"""charset\s*=\s*["']?([\w-]+)""", re.IGNORECASE)
HEADERS = {"accept": "text/html", "accept-encoding": "identity"}

log = logging.getLogger(__name__)


def ask(database: Database, sender: Sender, site_id: str, *, now: datetime, until: float) -> bool:
    """Asks the pages that are due. Returns whether more are due: the time, as of ``time.monotonic``, was up. One is
    asked in any case, or a site whose events take all of its time would never get a title."""
    with database.read() as conn:
        due = store.due(conn, site_id, now=now, limit=PAGE)
        origins = sites.get_site(conn, site_id).settings.origins if due else ()
    patient = replace(sender, deadline_s=min(sender.deadline_s, DEADLINE_S))
    for number, asked in enumerate(due):
        if number and time.monotonic() > until:
            return True
        _ask_one(database, patient, asked, origins, now)
    return len(due) == PAGE


def _ask_one(database: Database, sender: Sender, asked: Untitled, origins: tuple[str, ...], now: datetime) -> None:
    title = None
    if not asked.is_titled and asked.url is not None and origin_of(asked.url) in origins:
        try:
            title = _title(sender, asked.url)
        except NotSent as e:
            log.info("article %s has no title yet: %s", asked.article_id, e)
            if asked.attempts < len(RETRY_AFTER):
                with database.write() as conn:
                    store.postpone(conn, asked, now + RETRY_AFTER[asked.attempts])
                return
    with database.write() as conn:
        store.finish(conn, asked, title, now=now)


def _title(sender: Sender, url: str) -> str | None:
    """None of a page that has none. Raises NotSent where a later answer may have one."""
    answer = sender.get(url, HEADERS, reads=MAX_HEAD_BYTES)
    for _ in range(MOST_REDIRECTS):
        if not 300 <= answer.status < 400:
            break
        url = _next(url, answer)
        answer = sender.get(url, HEADERS, reads=MAX_HEAD_BYTES)
    if answer.problem is not None:
        raise NotSent(answer.problem)
    kind, _, rest = answer.headers.get("content-type", "")[:MAX_KIND_CHARS].partition(";")
    if kind.strip().lower() not in ("text/html", "application/xhtml+xml"):
        return None
    charset = _CHARSET.search(rest)
    return title_of(answer.body, charset[1] if charset else None)


def _next(url: str, answer: WebhookAnswer) -> str:
    try:
        to = urljoin(url, answer.headers.get("location", ""))
    except ValueError:
        to = ""
    if origin_of(to) != origin_of(url) or len(to) > MAX_URL_CHARS:
        raise NotSent("the page leads to another origin")
    return to
