"""Says whose a notice is, and whether two notices say the same. A stranger can make up addresses, so nothing here
proves an identity: it only keeps one sender from counting as many."""

from __future__ import annotations

import unicodedata
from hashlib import blake2b

from moderation.law.notices.values import NewNotice

MAIL, READER = "mail:", "reader:"
_DOTTED = frozenset({"gmail.com", "googlemail.com"})  # which ignore dots
_RUN = 3  # letters
_SAME = 0.5  # of the longer text's runs of letters


def notifier_of(new: NewNotice) -> str:
    """The same for all notices of a trusted flagger, of a reader, of an e-mail address; and, where nobody gave a name,
    of the same words."""
    if new.flagger is not None:
        return f"flagger:{new.flagger}"
    if new.reader_id is not None:
        return f"{READER}{new.reader_id}"
    if new.email is not None:
        return f"{MAIL}{mailbox(new.email)}"
    return f"words:{blake2b(_letters(new.explanation).encode(), digest_size=16).hexdigest()}"


def mailbox(address: str) -> str:
    """The mailbox that an address reaches: without case and without a tag after a plus sign."""
    name, _at, domain = unicodedata.normalize("NFKC", address).casefold().rpartition("@")
    name = name.partition("+")[0] or name
    return f"{name.replace('.', '') if domain in _DOTTED else name}@{domain}"


def says_the_same(explanation: str, earlier: str) -> bool:
    """Whether a notice repeats the grounds of an earlier one: they have half of their runs of three letters in common,
    whatever the case, spaces and signs. A long text does not swallow a short one."""
    mine, theirs = _runs(explanation), _runs(earlier)
    longest = max(len(mine), len(theirs))
    return longest == 0 or len(mine & theirs) >= _SAME * longest


def _runs(text: str) -> frozenset[str]:
    letters = _letters(text)
    return (
        frozenset(letters[at : at + _RUN] for at in range(max(1, len(letters) - _RUN + 1))) if letters else frozenset()
    )


def _letters(text: str) -> str:
    return "".join(letter for letter in unicodedata.normalize("NFKC", text).casefold() if letter.isalnum())
