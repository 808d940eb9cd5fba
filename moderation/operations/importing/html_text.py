"""The text of a comment that was stored as HTML.

Time and memory are linear in the HTML, however it is broken. The standard library's parser is not used, since unclosed
tags and comments cost it the square of their number, and a marked section that it does not know stops it.
"""

from __future__ import annotations

import re
from html import unescape

BREAKS = frozenset({"br", "p", "div", "li", "blockquote", "tr", "h1", "h2", "h3", "h4", "ul", "ol"})
_LINES = re.compile(r"\n{3,}")
# Each alternative ends at the next "<" at the latest, so no stretch is read twice.
_TAG = re.compile(r"""<(/?)([a-zA-Z][^\s/<>]*+)((?:[^<>"']++|"[^"<]*+"|'[^'<]*+')*+)>|<[!?][^<>]*+>""")
_NO_CHARACTER = re.compile(r"&#[0-9]{100,};?")  # the standard library refuses numbers of 4,300 digits
_ADDRESS = re.compile(r"""(?:^|[\s"'/])href\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s"'>]++))""", re.IGNORECASE)


class _HtmlText:
    def __init__(self) -> None:
        self.parts: list[str] = []
        self._link: tuple[str, int] | None = None  # the address, and where its text begins

    def tag(self, match: re.Match[str]) -> None:
        closes, name, attributes = match[1], (match[2] or "").lower(), match[3]
        if name in BREAKS and not (closes and name == "br"):
            self.parts.append("\n")
        if name == "a":
            self.end_link()  # links do not lie in each other
            if not closes:
                address = _ADDRESS.search(attributes)
                named = next(filter(None, address.groups()), "") if address else ""
                self._link = _characters(named), len(self.parts)

    def end_link(self) -> None:
        if self._link is None:
            return
        (address, start), self._link = self._link, None
        shown = "".join(self.parts[start:]).strip()
        if address and not address.startswith(shown.rstrip("….").strip() or address):
            self.parts.append(f" {address}")  # a link is evidence, also when its text is another


def text_of(html: str) -> str:
    """Without tags; line ends where paragraphs ended, and the address of a link behind its text."""
    text, at = _HtmlText(), 0
    html = _without_comments(html)
    for match in _TAG.finditer(html):
        text.parts.append(_characters(html[at : match.start()]))
        text.tag(match)
        at = match.end()
    text.parts.append(_characters(html[at:]))
    text.end_link()
    lines = (" ".join(line.split()) for line in "".join(text.parts).split("\n"))
    return _LINES.sub("\n\n", "\n".join(lines)).strip()


def letters_of(html: str) -> str:
    """Without tags and spaces, to see whether two say the same."""
    return "".join(_characters(_TAG.sub(" ", _without_comments(html))).split())


def _characters(html: str) -> str:
    """With the characters that references stand for."""
    return unescape(_NO_CHARACTER.sub("\ufffd", html))


def _without_comments(html: str) -> str:
    kept, at = [], 0
    while (start := html.find("<!--", at)) >= 0 and (end := html.find("-->", start + 4)) >= 0:
        kept.append(html[at:start])
        at = end + 3
    return "".join([*kept, html[at:]])
