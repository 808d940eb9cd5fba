"""Keeps a comment apart from the words around it: a fence that nobody can guess, and no sign by which a chat's turns
are marked."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

KEPT = {"\n", "\t", "\u200c", "\u200d"}  # joiners spell words in Persian, and pictures of several people
_ANGLES = str.maketrans({"<": "‹", ">": "›", "＜": "‹", "＞": "›"})
_BRACKETED = re.compile(r"\[(/?[A-Z][A-Z_]{2,30})\]")  # [INST], [/SYSTEM_PROMPT]
_HEADING = re.compile(r"^([ \t]*)(#{1,6}|={3,}|-{3,}|\*{3,}|`{3,}|~{3,})", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Fence:
    """``mark`` is random, new for each comment."""

    mark: str

    def around(self, text: str, kind: str = "comment") -> str:
        return f"[{kind} {self.mark}]\n{self.inside(text)}\n[end of {kind} {self.mark}]"

    @property
    def opening(self) -> str:
        return f"[comment {self.mark}]"

    @property
    def closing(self) -> str:
        return f"[end of comment {self.mark}]"

    def inside(self, text: str) -> str:
        """The text without its own fence, should it ever hold one."""
        return disarmed(text).replace(self.mark, "…")


def disarmed(text: str) -> str:
    """The same words, without signs that a server would read as the beginning or end of a turn, headings, and
    characters that nobody sees."""
    seen = "".join(sign for sign in text.replace("\r\n", "\n").replace("\r", "\n") if _is_seen(sign))
    return _HEADING.sub(_shifted, _BRACKETED.sub(r"(\1)", seen.translate(_ANGLES)))


def _shifted(heading: re.Match[str]) -> str:
    return f"{heading[1]}· {heading[2]}"


def _is_seen(sign: str) -> bool:
    if sign in KEPT:
        return True
    if "\U000e0000" <= sign <= "\U000e0fff":  # letters and selectors that spell texts which no reader sees
        return False
    return unicodedata.category(sign) not in ("Cc", "Cf", "Co", "Cn", "Cs", "Zl", "Zp")
