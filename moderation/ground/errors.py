"""All errors of the core. The service maps each class to an HTTP status; nothing here knows one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

FAULTS = (ArithmeticError, AssertionError, AttributeError, LookupError, RuntimeError, TypeError, ValueError)
"""Errors of our own making, for which one text can be the cause. Refusals, used-up time and lack of memory are none."""


class GavelError(Exception):
    """The base of all errors of Gavel's own."""


class SettingsError(GavelError):
    """A setting is missing or malformed. The message names the variable."""


class Said(str):
    """A sentence in English that remembers its pattern and values, so that the desk can say it in another language."""

    pattern: str
    values: Mapping[str, object]


def said(pattern: str, **values: object) -> Said:
    """``said("must have at most %(most)s characters", most=100)``"""
    message = Said(pattern % values)
    message.pattern, message.values = pattern, values
    return message


@dataclass(frozen=True, slots=True)
class FieldProblem:
    field: str  # dotted, as the caller wrote it, e.g. "article.id"
    message: str


class InvalidInput(GavelError):
    """The caller's input breaks a rule; ``problems`` names each field."""

    def __init__(self, *problems: FieldProblem) -> None:
        super().__init__("; ".join(f"{p.field}: {p.message}" for p in problems))
        self.problems = problems


class TextTooLong(InvalidInput):
    """The text of a comment has more characters than any may have."""


class NotFound(GavelError):
    def __init__(self, kind: str, id: str) -> None:
        super().__init__(f"no {kind} with id {id!r}")
        self.kind, self.id = kind, id


class NotAllowed(GavelError):
    """The caller may not do this."""


class LeadsDecide(NotAllowed):
    """A lead has been asked to decide the comment, or has decided it, and this moderator is not a lead."""


class NotAuthenticated(GavelError):
    """The caller is unknown."""


class ReaderTokenRefused(NotAuthenticated):
    """The token that says who is reading is not valid. ``problems`` names the part of it that is wrong."""

    def __init__(self, part: str, message: str) -> None:
        super().__init__(f"token.{part}: {message}")
        self.problems = (FieldProblem(f"token.{part}", message),)


class ReaderTokenExpired(ReaderTokenRefused):
    """The token was valid. A page gets another one from its site."""


class IdConflict(GavelError):
    """Another comment already has this id."""

    def __init__(self, id: str) -> None:
        super().__init__(f"comment {id!r} already exists with another body")
        self.id = id


class NameTaken(GavelError):
    def __init__(self, kind: str, name: str) -> None:
        super().__init__(f"there is a {kind} {name!r} already")
        self.kind, self.name = kind, name


class StalePolicy(GavelError):
    """Somebody saved a newer policy after the caller had read it."""

    def __init__(self, expected: int, current: int) -> None:
        super().__init__(f"the policy is at version {current}, not {expected}")
        self.expected, self.current = expected, current


class FiguresChanged(GavelError):
    """The figures were counted again after the caller had read them."""

    def __init__(self, name: str) -> None:
        super().__init__(f"the figures of {name!r} were counted again meanwhile")
        self.name = name


class StaleVersion(GavelError):
    """Somebody changed the comment after the caller had read it."""

    def __init__(
        self, comment_id: str, expected: int, current: int, status: str, decided_by: str | None = None
    ) -> None:
        super().__init__(f"comment {comment_id!r} is at version {current}, not {expected}")
        self.comment_id, self.expected, self.current = comment_id, expected, current
        self.status, self.decided_by = status, decided_by


class SelectionChanged(GavelError):
    """A batch holds other comments than the moderator saw."""

    def __init__(self, expected: int, current: int) -> None:
        super().__init__(f"the selection holds {current} comments now, not {expected}")
        self.expected, self.current = expected, current


class CursorAhead(GavelError):
    """Somebody reads the feed from beyond its end: it was put back to an earlier state."""

    def __init__(self, after: int, last: int) -> None:
        super().__init__(f"the feed ends at {last}, before {after}: it was restored from a backup")
        self.after, self.last = after, last


class MoveNotAllowed(GavelError):
    def __init__(self, comment_id: str, current: str, wanted: str) -> None:
        super().__init__(f"comment {comment_id!r} is {current} and cannot become {wanted}")
        self.comment_id, self.current, self.wanted = comment_id, current, wanted


class EditTimeOver(GavelError):
    """The site lets readers edit a comment for some minutes, and those are over."""

    def __init__(self, comment_id: str, minutes: int) -> None:
        limit = f"{minutes} minutes after it came" if minutes else "not at all"
        super().__init__(f"comment {comment_id!r} may be edited by its reader {'for ' if minutes else ''}{limit}")
        self.comment_id, self.minutes = comment_id, minutes


class PersonDecided(MoveNotAllowed):
    """A person has decided the comment, and the caller did not say that they mean to replace that decision."""

    def __init__(self, comment_id: str, current: str, by: str) -> None:
        super().__init__(comment_id, current, "something else without naming the decision that holds")
        self.by = by


class ArticleClosed(GavelError):
    """Of a closed article ``until`` is None; of one in a mode for breaking news it is the end of that."""

    def __init__(self, article_id: str, until: datetime | None = None) -> None:
        end = f"comments until {until.isoformat()}" if until else "more comments"
        super().__init__(f"article {article_id!r} takes no {end}")
        self.article_id, self.until = article_id, until


Message = Mapping[str, str] | None  # for a reader: its language and text


class AuthorSilenced(GavelError):
    """The reader is suspended or banned. ``message`` is for them, and the page where they can appeal."""

    def __init__(
        self,
        author_id: str,
        standing: str,
        until: datetime | None,
        message: Mapping[str, str] | None,
        statement_path: str | None = None,
    ) -> None:
        end = f"until {until.isoformat()}" if until else "until somebody ends that"
        super().__init__(f"author {author_id!r} is {standing} {end}")
        self.author_id, self.standing, self.until, self.message = author_id, standing, until, message
        self.statement_path = statement_path
        self.problems = (FieldProblem("author.id", f"is {standing} {end}"),)


class MeasureFollowed(GavelError):
    """Another measure about the author followed the one that somebody wants to undo, or it is undone already."""

    def __init__(self, measure_id: str) -> None:
        super().__init__(f"measure {measure_id!r} is not the newest one about the author, or is undone already")
        self.measure_id = measure_id


class BacklogFull(GavelError):
    def __init__(self, waiting: int, limit: int, retry_after_s: int) -> None:
        kept = ", of which half is kept for the sites in equal parts" if waiting < limit else ""
        super().__init__(f"{waiting} comments are waiting and the limit is {limit}{kept}")
        self.waiting, self.limit, self.retry_after_s = waiting, limit, retry_after_s


class RateLimited(GavelError):
    def __init__(self, limit: int, retry_after_s: int) -> None:
        super().__init__(f"more than {limit} requests in a minute with this key")
        self.limit, self.retry_after_s = limit, retry_after_s


class TooManyNotices(RateLimited):
    """Somebody gave more notices of illegal content within a day than anybody finds, or a comment has so many that a
    further one adds nothing."""

    def __init__(self, limit: int, *, on_comment: bool = False) -> None:
        super().__init__(limit, 3600)
        of_comment = f"{limit} notices of this comment wait for a person or repeat what a person answered"
        of_reader = f"this reader has given {limit} notices within a day"
        self.args = (f"{of_comment if on_comment else of_reader}, which is the limit",)


class NotifierSuspended(GavelError):
    """A lead takes no notices from this notifier for some time: too many of theirs were dismissed."""

    def __init__(self, until: datetime) -> None:
        super().__init__(f"this notifier's notices are not taken until {until.isoformat()}")
        self.until = until


class AuthorTooFast(RateLimited):
    """One reader sent more comments than the site lets them, or comments that take more reading."""

    def __init__(self, author_id: str, limit: int, retry_after_s: int, *, are_dear: bool = False) -> None:
        super().__init__(limit, retry_after_s)
        dear = "comments that take more reading within a minute than one reader's may"
        sent = f"has sent {dear if are_dear else f'{limit} comments within a minute'}"
        self.problems = (FieldProblem("author.id", sent),)
        self.args = (f"author.id: {author_id!r} {sent}" + ("" if are_dear else ", which is the site's limit"),)


class AuthorSlowed(AuthorTooFast):
    """One reader sent or edited more comments than a slow mode lets each reader send or edit."""

    def __init__(self, author_id: str, minutes: int, retry_after_s: int, *, did: str = "sent") -> None:
        super().__init__(author_id, 1, retry_after_s)
        sent = f"has {did} a comment within {minutes} minutes"
        self.minutes = minutes
        self.problems = (FieldProblem("author.id", sent),)
        self.args = (f"author.id: {author_id!r} {sent}, which is the pace here just now",)


class LoginThrottled(RateLimited):
    """Too many wrong passwords for one e-mail address or from one network address."""

    def __init__(self, limit: int, retry_after_s: int) -> None:
        super().__init__(limit, retry_after_s)
        self.args = (said("too many failed attempts to log in: try again in %(count)s seconds", count=retry_after_s),)


class TooManyHeld(RateLimited):
    """So many requests wait for an answer that another one would leave no thread to the others."""

    def __init__(self, limit: int, retry_after_s: int) -> None:
        super().__init__(limit, retry_after_s)
        self.args = (f"too many requests wait for an answer: try again in {retry_after_s} seconds",)


class ScoringUnavailable(GavelError):
    """A text that is not stored cannot be scored in time. Nothing was kept: the caller may try again."""

    def __init__(self, message: str, retry_after_s: int = 1) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class ScoringBusy(ScoringUnavailable):
    """So many texts wait that this one would be late. It was refused at once."""


class ScoringAway(ScoringUnavailable):
    """The scoring process does not answer."""


class ScoringLate(ScoringUnavailable):
    """The deadline passed before the text was scored."""


class ModelUnavailable(GavelError):
    """A model's files are missing, changed or of a kind that we cannot load."""


class NotKept(GavelError):
    """The database works, but refuses a value that is too long for an index or contains a forbidden character."""

    def __init__(self) -> None:
        super().__init__("the database cannot keep one of these values: it is too long or holds a forbidden character")


class StorageNotReady(GavelError):
    """The database is older or newer than this code."""


class TooCostly(GavelError):
    """A text takes longer to read than its share of a worker's time."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"took longer than {seconds * 1000:.0f} ms to read")
        self.seconds = seconds
