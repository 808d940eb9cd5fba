"""Takes comments, needless signs and needless space out of the box's own script and style. It reads what this project
writes: its statements end with semicolons, none is empty, no array has holes, and no template holds another one."""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from itertools import chain, product

_TOKEN = re.compile(
    r"""(?P<comment>//[^\n]*|/\*.*?\*/)
    |(?P<kept>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`|(?<=[=(,:])\s*/(?:[^/\\\n\[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+/[a-z]*)
    |(?P<space>\s+)
    |(?P<word>[\w$#]+)
    |(?P<sign>.)""",
    re.VERBOSE | re.DOTALL,
)
_WORD = re.compile(r"[\w$#]")
_NAME = re.compile(r"[\w$]+")
_CODE = re.compile(r"(?<=\$\{)(?:[^{}]|\{[^{}]*\})*(?=\})")
_DOUBLED = frozenset({"++", "--"})  # "a + +b" keeps its space
_NEEDLESS = {"}": (",", ";"), ")": (",",), "]": (",",)}  # what may go before a bracket that closes
_RESERVED = frozenset({"as", "do", "if", "in", "is", "of"})


def script(source: str, own_names: Collection[str] = ()) -> str:
    """JavaScript without comments, and with space only where two words would become one.

    ``own_names`` are names that no page and no browser uses: they become short, in code and never in strings.
    """
    return _rewritten(source, _short(source, own_names))


def _short(source: str, own_names: Collection[str]) -> dict[str, str]:
    """The name that is used most gets the shortest. None of them is a word of the source already."""
    bare = _rewritten(source, {})
    uses = Counter(_NAME.findall(bare))
    free = (name for name in _letters(bare) if name not in uses)
    return dict(zip(sorted(own_names, key=lambda name: (-uses[name], name)), free, strict=False))


def _letters(source: str) -> Iterator[str]:
    """Single letters, then pairs, but no words of the language. The source's frequent letters come first: these cost
    least once it is packed."""
    counts = Counter(source)
    letters = sorted(string.ascii_letters, key=lambda letter: (-counts[letter], letter))
    pairs = ("".join(pair) for pair in product(letters, letters))
    return (name for name in chain(letters, pairs) if name not in _RESERVED)


def _rewritten(source: str, short: Mapping[str, str]) -> str:
    made: list[str] = []
    last, is_apart = "", False
    for found in _TOKEN.finditer(source):
        if found.lastgroup in ("comment", "space"):
            is_apart = True
            continue
        text = _kept(found[0].lstrip(), short) if found.lastgroup == "kept" else short.get(found[0], found[0])
        meets = last[-1:] + text[:1]
        if is_apart and ((_WORD.match(last[-1:]) and _WORD.match(text)) or meets in _DOUBLED):
            made.append(" ")
        if last in _NEEDLESS.get(text, ()):
            made.pop()
        made.append(text)
        last, is_apart = text, False
    return "".join(made)


def _kept(text: str, short: Mapping[str, str]) -> str:
    """A string as it is; of a template, the code in it is rewritten too."""
    if not text.startswith("`"):
        return text
    return _CODE.sub(lambda code: _rewritten(code[0], short), text)


def style(source: str) -> str:
    """CSS without comments, line breaks and the space after signs."""
    bare = re.sub(r"/\*.*?\*/", "", source, flags=re.DOTALL)
    bare = re.sub(r"\s+", " ", bare)
    bare = re.sub(r"\s*([{};,>])\s*", r"\1", bare)
    return re.sub(r":\s+", ":", bare).replace(";}", "}").strip()
