"""A form that came after its session had ended: its entries are kept over the login, and the person sends them again.

Nothing is done by itself, since another person may log in, and since the comment may have changed meanwhile.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from flask import request

from moderation.moderators.review.reviewing import Choice
from service.desk.frame.sentences import wording
from service.desk.frame.sentences.numbers import figures
from service.languages.wording import N_, gettext, ngettext, ngettext_noop

LONGEST_CHARS = 100_000  # a selection of a thousand comments fits
SECRET_FIELDS = frozenset({"password", "old", "new", "secret", "code"})
NOT_WORTH_IT = frozenset({"desk.claim", "desk.log_out"})
CHOICES = {Choice.APPROVE: N_("Approve"), Choice.REJECT: N_("Reject"), Choice.ESCALATE: N_("Escalate")}
OF_MANY = {
    Choice.APPROVE: ngettext_noop("Approve %(count)s comment", "Approve %(count)s comments"),
    Choice.REJECT: ngettext_noop("Reject %(count)s comment", "Reject %(count)s comments"),
    Choice.ESCALATE: ngettext_noop("Escalate %(count)s comment", "Escalate %(count)s comments"),
}

Fields = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A form's target and its entries."""

    path: str
    fields: Fields

    @property
    def packed(self) -> str:
        """The values for a hidden field of the login form."""
        return json.dumps([self.path, self.fields], ensure_ascii=False)

    @property
    def words(self) -> str:
        """``Reject as spam``, or what can be said of any other form."""
        return self._decision() or gettext("send your entries again")

    @property
    def button(self) -> str:
        """The words on the button that sends the form again."""
        return self._decision() or gettext("Send my entries again")

    @property
    def note(self) -> str:
        """The note that was typed."""
        return dict(self.fields).get("note", "")

    def _decision(self) -> str:
        wish, _colon, reason = dict(self.fields).get("choice", "").partition(":")
        if wish not in set(Choice):
            return ""
        many = sum(name == "ids" for name, _value in self.fields)
        words = ngettext(*OF_MANY[Choice(wish)], many, count=figures(many)) if many else gettext(CHOICES[Choice(wish)])
        return wording.with_reason(words, reason)


def of_request() -> Unfinished | None:
    """The form of this request, if it has entries worth keeping and none that is secret."""
    fields = tuple(request.form.items(multi=True))
    is_small = sum(len(name) + len(value) for name, value in fields) <= LONGEST_CHARS
    is_secret = SECRET_FIELDS & {name for name, _value in fields}
    if request.method != "POST" or not fields or is_secret or not is_small or request.endpoint in NOT_WORTH_IT:
        return None
    return Unfinished(request.path, fields)


def unpacked(packed: str | None) -> Unfinished | None:
    """None for anything that ``packed`` did not write."""
    try:
        path, fields = json.loads(packed or "")
        unfinished = Unfinished(str(path), tuple((str(name), str(value)) for name, value in fields))
    except (ValueError, TypeError):
        return None
    is_ours = unfinished.path.startswith("/desk/") and "//" not in unfinished.path and unfinished.path.isprintable()
    return unfinished if is_ours and len(packed or "") <= 2 * LONGEST_CHARS else None
