"""The ways in which a login with a provider can fail."""

from __future__ import annotations

from enum import StrEnum

LONGEST_VALUE = 200


class ProblemKind(StrEnum):
    """Each has a sentence at the desk that says what to do."""

    AWAY = "away"  # no answer, or a refusal to talk
    BUSY = "busy"  # too many logins wait for the provider
    GARBLED = "garbled"  # an answer that is not OpenID Connect
    SET_UP = "set up"  # the provider knows Gavel under another id, secret or address
    NOT_FOR_US = "not for us"  # a token that is forged, altered, or for somebody else
    CLOCK = "clock"  # a token of another time
    DECLINED = "declined"  # the person did not agree
    REFUSED = "refused"  # the provider said no
    TOO_MANY_GROUPS = "too many groups"  # the provider leaves them out of its tokens


class ProviderProblem(Exception):
    """A login that failed. ``detail`` is for the log: it holds no token, code or secret."""

    def __init__(self, kind: ProblemKind, detail: str) -> None:
        super().__init__(f"{kind}: {detail}")
        self.kind, self.detail = kind, detail


def shown(value: object) -> str:
    """A value that the provider sent, short and on one line."""
    text = repr(value)
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…"
