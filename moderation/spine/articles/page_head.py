"""The title that a page gives itself. A stranger may choose every byte of the page, so one pass reads it and no text
makes it slow: Python's own parser takes a minute for 64 kB of open tags."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator, Mapping

MAX_TITLE_CHARS = 300
MAX_RAW_CHARS = 2_000  # html.unescape refuses numbers of 4,300 digits
MAX_MARKS = 3  # above one letter: real scripts need two
_OPENING = re.compile(
    r"<!--|<(?:meta|title|script|style|noscript|template|body)(?=[\s/>])|</head(?=[\s>])", re.IGNORECASE
)
_REST = re.compile(r"""(?:[^>"']++|"[^"]*+"|'[^']*+')*+>""")
_CLOSINGS = {"<!--": re.compile("-->")} | {
    f"<{name}": re.compile(f"</{name}", re.IGNORECASE) for name in ("title", "script", "style", "noscript", "template")
}
_ATTRIBUTE = re.compile(r"""[\s/]++|([^\s"'>/=]++)(?:\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s"'>]++)))?+|.""", re.DOTALL)
_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s{0,9}=\s{0,9}["']?([\w-]{1,40})""", re.IGNORECASE)
_ENCODINGS = re.compile(
    r"utf-?(?:8|16)|(?:windows-|cp)125[0-8]|iso-8859-(?:[2-9]|1[0134-6]?)|koi8-[ru]|big5|gbk|gb18030|shift_jis|euc-(?:jp|kr)"
)
_AS_WEB = {"iso-8859-1": "cp1252"}  # https://encoding.spec.whatwg.org/#names-and-labels


def title_of(body: bytes, declared: str | None) -> str | None:
    """The title for sharing (https://ogp.me), or else that of the window. ``declared`` is the encoding that the answer
    names."""
    window = None
    for name, content in _named(body.decode(_encoding(body, declared), errors="replace")):
        if title := plain(content):
            if name == "og:title":
                return title
            window = window or title
    return window


def plain(raw: str) -> str:
    """One line of letters: no control characters, no towers of marks, of bounded length."""
    letters: list[str] = []
    marks = 0
    for letter in html.unescape(raw[:MAX_RAW_CHARS]):
        category = unicodedata.category(letter)
        marks = marks + 1 if category.startswith("M") else 0
        if marks > MAX_MARKS or category == "Cf":
            continue
        letters.append(" " if category.startswith(("C", "Z")) else letter)
    return " ".join("".join(letters).split())[:MAX_TITLE_CHARS].strip()


def _encoding(body: bytes, declared: str | None) -> str:
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    said = _CHARSET.search(body[:4_096])
    name = (declared or (said[1].decode("ascii", "replace") if said else "")).lower()
    return _AS_WEB.get(name, name) if _ENCODINGS.fullmatch(name) else "utf-8"


def _named(text: str) -> Iterator[tuple[str, str]]:
    """The texts under the names ``og:title`` and ``title``, still as markup."""
    at = 0
    while (opening := _OPENING.search(text, at)) is not None:
        name = opening[0].lower()
        if name in ("<body", "</head"):
            return
        tag = None if name == "<!--" else _REST.match(text, opening.end())
        at = tag.end() if tag is not None else opening.end()
        if tag is None and name != "<!--":
            return
        if name == "<meta":
            said = _attributes(tag[0] if tag is not None else "")
            if (said.get("property") or said.get("name") or "").lower() == "og:title":
                yield "og:title", said.get("content", "")
            continue
        closing = _CLOSINGS[name].search(text, at)
        if closing is None:
            return
        if name == "<title":
            yield "title", text[at : closing.start()]
        at = closing.end()


def _attributes(tag: str) -> Mapping[str, str]:
    said: dict[str, str] = {}
    for match in _ATTRIBUTE.finditer(tag):
        if match[1]:
            said.setdefault(match[1].lower(), match[2] or match[3] or match[4] or "")
    return said
