"""An appeal against a suspension or a ban, as the desk shows it: the measure, the author's record and the receipt."""

from __future__ import annotations

from typing import Any

from sqlalchemy.engine import Connection

from moderation.law.appeals.values import MeasureAppeal
from moderation.law.measure_appeals import deciding
from moderation.law.statements import measure_rows as stated
from moderation.law.statements import measure_statements
from moderation.moderators.authors import measure_rows
from moderation.moderators.authors.measure_rows import TakenMeasure
from moderation.sites import own_texts
from moderation.sites import rows as sites
from moderation.spine.articles import rows as articles
from moderation.spine.comments import rows as comments
from service.context import utc_now
from service.desk.appeals import outcomes
from service.desk.frame.texts import marking
from service.desk.review import author_card

MEASURES = 5  # about the author, the newest


def read(conn: Connection, appeal: MeasureAppeal) -> dict[str, Any]:
    """All that the page shows of the measure and its author."""
    about = stated.get(conn, appeal.site_id, appeal.measure_id)
    author, taken = articles.author_by_id(conn, appeal.author_id), measure(conn, appeal)
    assert author is not None
    site, speaker = sites.get_site(conn, appeal.site_id), own_texts.speaker(conn, appeal.site_id)
    text = comments.texts(conn, [taken.about_id]).get(taken.about_id, "") if taken.about_id else ""
    return {
        "site": site,
        "measure": taken,
        "context": {"author": author},
        "comment_text": marking.veiled(text) if text else None,
        "standing": author.standing_at(utc_now()),
        "standings": author_card.standings(),
        "measures": measure_rows.history(conn, author.id, limit=MEASURES),
        "done_words": author_card.done_words,
        "statement": measure_statements.statement(about, site.settings, speaker=speaker),
        "reasons": outcomes.of_measure(deciding.reasons(about), speaker),
    }


def measure(conn: Connection, appeal: MeasureAppeal) -> TakenMeasure:
    taken = measure_rows.find(conn, appeal.measure_id)
    assert taken is not None  # its appeals go with it
    return taken
