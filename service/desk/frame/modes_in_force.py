"""Shows on every page that comments are closed or wait for a moderator, where, and until when."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

from moderation.ground.values.modes import Mode, ModeName
from moderation.law.modes import rows as store
from moderation.sites.people.roles import Role, sites_where
from moderation.sites.rows import Moderator
from service import cached
from service.context import gavel
from service.desk.frame.sentences.wording import mode_word
from service.languages.wording import gettext

LOOK_S = 10.0  # one look serves every page of this process for so long, unless a mode starts or ends here


@dataclass(frozen=True, slots=True)
class ModeLine:
    """A mode that holds, in words."""

    id: str
    site_id: str
    name: str
    place: str
    until: datetime
    stops_comments: bool = False  # none is published before a person has read it, or none comes in at all
    may_end: bool = False


def modes_for(moderator: Moderator, now: datetime, *, anew: bool = False) -> list[ModeLine]:
    """The modes at the moderator's sites. Empty when the database is down: the page that reports that must not fail
    here."""
    site_ids, keep = tuple(sorted(moderator.roles)), cached.renewed if anew else cached.value
    try:
        modes = keep(("modes in force", site_ids), LOOK_S, lambda: _look(site_ids, now))
        with gavel().database.read() as conn:
            return lines(conn, [mode for mode in modes if mode.ends_at > now], moderator) if modes else []
    except SQLAlchemyError:
        return []


def lines(conn: Connection, modes: Iterable[Mode], moderator: Moderator) -> list[ModeLine]:
    every, leads = list(modes), sites_where(moderator, Role.LEAD)
    names = store.article_names(conn, every)
    return [
        ModeLine(
            mode.id,
            mode.site_id,
            mode_word(mode.name),
            _place(mode, names),
            mode.ends_at,
            stops_comments=mode.name in (ModeName.CLOSED, ModeName.EVERYTHING_WAITS),
            may_end=mode.site_id in leads,
        )
        for mode in every
    ]


def _place(mode: Mode, names: dict[str, tuple[str, str]]) -> str:
    if mode.article_id is not None:
        return names[mode.article_id][1]
    return gettext("Section %(name)s", name=mode.section) if mode.section is not None else gettext("The whole site")


def _look(site_ids: tuple[str, ...], now: datetime) -> list[Mode]:
    with gavel().database.read() as conn:
        return store.ending_after(conn, site_ids, now)
