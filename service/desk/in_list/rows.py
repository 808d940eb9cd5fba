"""The rows of the list: which of them can be decided there, and the reason that each would be rejected for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.engine import Connection

from moderation.ground.values.decisions import Reasons
from moderation.law.statements import choosing
from moderation.moderators.queue.desk.duties import Duties
from moderation.moderators.queue.rows import QueueLine
from moderation.sites import rows as sites
from moderation.sites.people.roles import Role, sites_where
from moderation.spine.comments import scoring_rows as scorings
from service.desk.frame.excerpts import KnownComments
from service.desk.frame.rendering import me
from service.desk.frame.texts.marking import LONG_CHARS
from service.languages.wording import N_, gettext

SIGNAL = "house"


@dataclass(frozen=True, slots=True)
class Row:
    """``barred`` says why the comment has to be opened; ``reasons`` has the proposed one first."""

    line: QueueLine
    barred: str
    reasons: tuple[str, ...]  # in the site's order, which numbers the keys
    proposed: str


def rows(
    conn: Connection, lines: Sequence[QueueLine], about: KnownComments, duties: Duties, *, escalated: bool
) -> list[Row]:
    likely = scorings.likely_reasons(conn, [line.id for line in lines if line.id not in about.blind], SIGNAL)
    offered = {id: sites.get_site(conn, id).settings.offered_reasons for id in {line.site_id for line in lines}}
    return [
        Row(
            line,
            _barred(line, about, duties, escalated),
            offered[line.site_id],
            _proposed(offered[line.site_id], likely.get(line.id, ()), about.why.get(line.id, ())),
        )
        for line in lines
    ]


def _proposed(offered: Sequence[str], likely: Sequence[str], reasons: Reasons) -> str:
    return choosing.proposed_reason(offered, likely=likely, reasons=reasons) or offered[0]


def _barred(line: QueueLine, about: KnownComments, duties: Duties, escalated: bool) -> str:
    if line.id in about.blind:
        return gettext(N_("This one is a blind check."))
    if escalated and line.site_id not in sites_where(me(), Role.LEAD):
        return gettext(N_("A lead decides this one."))
    if line.is_online:
        return gettext(N_("Somebody gave notice that it is illegal: read the notice first."))
    if not escalated and (names := duties.names(line.site_id, line.flagged_for)):
        return gettext(N_("On duty for this: %(names)s. Open it to decide it yourself."), names=", ".join(names))
    return gettext(N_("There is more to read.")) if len(line.text) > LONG_CHARS else ""
