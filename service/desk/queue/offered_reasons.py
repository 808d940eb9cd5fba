"""The reasons for rejection that a page offers, and the decision that its form sends."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy.engine import Connection
from werkzeug.datastructures import MultiDict

from moderation.ground.errors import FieldProblem, InvalidInput
from moderation.law.statements import choosing
from moderation.moderators.review import reviewing as review
from moderation.moderators.review.reviewing import Choice, ModeratorChoice
from moderation.sites import rows as sites
from service.desk.frame.sentences.wording import reasons_in_words


def shared_reasons(conn: Connection, site_ids: Sequence[str]) -> dict[str, str]:
    """The reasons that all of these sites use, by name, in the words of the first one. Empty without a site."""
    if not site_ids:
        return {}
    settings = sites.get_site(conn, site_ids[0]).settings
    return reasons_in_words(settings, review.shared_reasons(conn, site_ids))


JUDGING = (Choice.APPROVE, Choice.REJECT)


def first_of(reasons: Iterable[str], signal: str | None = None) -> str | None:
    """The one on the red button of a page about many comments: that of the signal which brought them together, where
    the page offers it, else the first."""
    offered = tuple(reasons)
    about = [{"signal": signal}] if signal else []
    return choosing.proposed_reason(offered, likely=offered[:0], reasons=about) or next(iter(offered), None)


def choice_in(form: MultiDict[str, str], among: Iterable[Choice], *, version: int = 0) -> ModeratorChoice:
    """``choice`` is the button's value: approve, escalate, or reject with the reason after a colon. Raises
    InvalidInput: an author reads on which rule a rejection rests, so the desk sends none without a reason."""
    choice, _colon, reason = form.get("choice", "").partition(":")
    if choice not in set(among):
        raise InvalidInput(FieldProblem("choice", "choose one of the buttons"))
    if choice == Choice.REJECT and not reason:
        raise InvalidInput(FieldProblem("reason", "choose the rule that the comment breaks"))
    return ModeratorChoice(Choice(choice), version, reason or None, form.get("note"))
