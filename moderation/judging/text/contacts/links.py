"""Finds links in a comment, also those that are written so that programs miss them. It fetches nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass

from moderation.judging.text.rewritten_text import Copy

# Endings that readers and advertisers really use. Those in _WORDLIKE_ENDINGS are also English words that follow a full
# stop without a space ("I asked him.it was"), so they count only with a path behind them.
_ENDINGS = (
    "com net org info biz io co app dev ai gov edu eu uk de fr nl pl cz ru su cn jp kr br au nz ca ch se fi dk hu "
    "gr pt tr ua za mx ar cl cc ws ir sk bg hr lt lv ee tk ga cf gq vn ph th sg hk tw ie xyz top site online shop "
    "store club live pro icu vip bid loan win click link website space blog news tech casino bet porn xxx sex cam "
    "dating"
)
_WORDLIKE_ENDINGS = "me it is in to so at be no us my am as do id la ly tv gg gl st sh page one world today"
_SPOKEN_ENDINGS = "com net org info biz io co ru xyz top shop site online club live"

_ENDING = "|".join(sorted(_ENDINGS.split(), key=len, reverse=True))
_WORDLIKE = "|".join(sorted(_WORDLIKE_ENDINGS.split(), key=len, reverse=True))
_SPOKEN = "|".join(sorted(_SPOKEN_ENDINGS.split(), key=len, reverse=True))
_LABEL = r"[^\W_](?:[\w-]{0,61}[^\W_])?"
_DOT = r"\s?(?:[\[({]\s?(?:dot|\.)\s?[\])}])\s?"

_LINK = re.compile(
    rf"""
    (?: h(?:tt|xx|\*\*)ps?|ftp ) \s?\[?:\]?\s?// \S+
    | (?<![\w@.]) www\d?\.[^\s.]\S*
    | (?<![\w@.-]) (?:{_LABEL}(?:\.|{_DOT})){{0,4}}? {_LABEL}{_DOT} (?:{_ENDING}|{_WORDLIKE}) \b (?:/\S*)?
    | (?<![\w@.-])
      (?! (?:the|a|this|that|every|of|early|first|old|another|some|any|whole|entire|great|big) \s )
      {_LABEL} \s dot \s (?:{_SPOKEN}) \b
      (?! \s (?:boom|bubble|bust|era|crash|craze|mania|compan|stock|millionaire|start-?up|days|years) )
    | (?<![\w@.-]) (?:{_LABEL}\.){{1,6}} (?: (?:{_ENDING}|xn--[a-z0-9-]+) (?![\w@-]|\.\w) (?::\d+)? (?:/\S*)?
                                     | (?:{_WORDLIKE}) /\w\S* )
    """,
    re.VERBOSE,
)
_SIGNS = ("//", "www", "[", "(", "{", "dot")
_DOTTED = re.compile(r"\.\w")
_TRAILING = ".,;:!?)]}'\"»”’"


@dataclass(frozen=True, slots=True)
class Link:
    """Where a link is, and how it reads without disguises of its characters."""

    start: int
    end: int
    folded: str

    @property
    def place(self) -> tuple[int, int]:
        return self.start, self.end


def links_in(folded: Copy) -> tuple[Link, ...]:
    """The links of a copy as lists are searched in it, in order: with a scheme (``hxxp`` too), with ``www``, a bare
    domain, or one with its dot spelled out or in brackets. E-mail addresses do not count as links."""
    if not _may_link(folded.text):
        return ()
    links = ((m.start(), m.group().rstrip(_TRAILING)) for m in _LINK.finditer(folded.text))
    return tuple(Link(*folded.origin(start, start + len(link)), link) for start, link in links)


def _may_link(text: str) -> bool:
    """Whether one of the signs is there without which nothing is a link: in most comments none is."""
    return any(sign in text for sign in _SIGNS) or _DOTTED.search(text) is not None
