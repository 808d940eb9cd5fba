"""Large XML files, one element at a time. The memory does not depend on the file, however it is nested or filled."""

from __future__ import annotations

import codecs
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO
from xml.etree.ElementTree import Element, ParseError, XMLParser  # expat itself stops entities that grow without end

from moderation.operations.importing.reading import NotReadable

MOST_INSIDE = 2_000  # elements in one that is asked for
MOST_CHARS = 300_000  # of attributes and text in it: fifteen times the longest comment
MOST_AROUND = 5_000  # characters of each element that lies around those, such as an article's title
DEEPEST = 1_000  # elements in each other
TOO_LARGE = f"has more than {MOST_CHARS:,} characters or {MOST_INSIDE:,} parts"
CHUNK = 1 << 16  # bytes
MOST_SILENT = 4 << 20  # characters of one tag or XML comment: expat holds all of it
CONTROLS_NOTE = "with control characters, which were taken out"
UNREADABLE_NOTE = "with bytes in another encoding, which became \ufffd"
_MARK = "\x7f"  # stands for a character that XML forbids: it is allowed there, and nobody types it
_LONGEST_REFERENCE = 10  # characters, &#x10FFFF;
_REFERENCE_OR_FORBIDDEN = re.compile(
    r"&#(?:x([0-9a-fA-F]{1,6})|([0-9]{1,7}));|([\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff])"
)
_CONTROLS = re.compile(r"[\x7f-\x9f]")
_DECLARED = re.compile(rb"""<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._:-]+)""")
_BOMS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


@dataclass(frozen=True, slots=True)
class Unit:
    """An element, and the one ``around`` it as far as it was read. Parts of an element that is too large are left out,
    and then it is not whole. ``notes`` say which characters of its texts were changed."""

    element: Element
    around: Element | None
    is_whole: bool
    notes: tuple[str, ...]


def elements(stream: BinaryIO, wanted: Collection[str], *, inside: str | None = None) -> Iterator[Unit]:
    """Each element with one of these tags that lies in no other one. With ``inside``, also each element in these whose
    tag has that name in any namespace; it is then left out of the one around it.

    XML forbids control characters, and exports have them: they are taken out, and the unit says so. Raises NotReadable
    for a file that is no XML, after all that came before the place.
    """
    target = _Building(frozenset(wanted), inside)
    parser = XMLParser(target=target)
    silent = lines = 0
    try:
        for text in _texts(stream):
            target.has_moved = False
            parser.feed(text)
            yield from target.taken()
            lines, silent = lines + text.count("\n"), 0 if target.has_moved else silent + len(text)
            if silent > MOST_SILENT:
                raise NotReadable(f"near line {lines + 1:,} a tag or comment has over {MOST_SILENT:,} characters")
        parser.close()
    except ParseError as e:
        yield from target.taken()
        raise NotReadable(f"the file is not XML: {e}") from e
    except _TooDeep as e:
        yield from target.taken()
        raise NotReadable(f"after line {lines + 1:,} more than {DEEPEST:,} tags lie in each other") from e
    yield from target.taken()


def text_at(element: Element, path: str) -> str:
    """The text of a child, without spaces around it; empty where there is none."""
    return (element.findtext(path) or "").strip()


def _texts(stream: BinaryIO) -> Iterator[str]:
    """The file in pieces, with a mark for each character that XML forbids, also where a reference names it."""
    chunk, held = stream.read(CHUNK), ""
    decoder = codecs.getincrementaldecoder(_encoding(chunk))(errors="replace")
    while chunk:
        text = held + decoder.decode(chunk)
        start = text.rfind("&", -_LONGEST_REFERENCE)
        end = len(text) if start < 0 or ";" in text[start:] else start  # a reference may go on in the next piece
        held = text[end:]
        yield _REFERENCE_OR_FORBIDDEN.sub(_marked, text[:end])
        chunk = stream.read(CHUNK)
    yield _REFERENCE_OR_FORBIDDEN.sub(_marked, held + decoder.decode(b"", final=True))


def _encoding(beginning: bytes) -> str:
    """By the mark at the beginning, else as the file says, else UTF-8."""
    for mark, name in _BOMS.items():
        if beginning.startswith(mark):
            return name
    declared = _DECLARED.match(beginning)
    name = declared[1].decode("ascii") if declared else "utf-8"
    try:
        b"<".decode(name, "replace")
    except (LookupError, UnicodeError) as e:
        raise NotReadable(f"the file says that its encoding is {name}, which cannot be read") from e
    return name


def _marked(match: re.Match[str]) -> str:
    hexadecimal, decimal, forbidden = match.groups()
    if forbidden:
        return f"{_MARK}\n" if forbidden in "\x0b\x0c" else _MARK  # a line or a page ended there
    code = int(hexadecimal, 16) if hexadecimal else int(decimal)
    is_allowed = code in (9, 10, 13) or 0x20 <= code < 0xD800 or 0xE000 <= code < 0xFFFE or 0x10000 <= code < 0x110000
    return match[0] if is_allowed else _MARK


class _TooDeep(Exception):
    pass


@dataclass(slots=True)
class _Open:
    """An element that is being read, with those open in it."""

    open: list[Element]
    most_of_each: int  # characters
    chars: int = MOST_CHARS  # that it may still have
    elements: int = MOST_INSIDE
    left_out: int = 0  # open elements that are left out
    is_whole: bool = True
    parts: list[str] = field(default_factory=list)  # of the text of the last one
    length: int = 0  # of these parts
    notes: set[str] = field(default_factory=set)

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self.keep_text()
        length = sum(len(name) + len(value) for name, value in attributes.items())
        if length > min(self.chars, self.most_of_each):
            self.is_whole, attributes, length = False, {}, 0
        if self.left_out or not self.elements:
            self.left_out, self.is_whole = self.left_out + 1, False
            return
        self.elements -= 1
        self.chars -= length
        element = Element(tag, dict(attributes))
        self.open[-1].append(element)
        self.open.append(element)

    def data(self, text: str) -> None:
        """Keeps the text before the first child: no format has any behind it."""
        if self.left_out or len(self.open[-1]):
            return
        room = min(self.chars, self.most_of_each - self.length)
        if len(text) > room:
            self.is_whole, text = False, text[:room]
        self.length += len(text)
        self.chars -= len(text) if self.most_of_each == MOST_CHARS else 0
        if text:
            self.parts.append(text)

    def end(self) -> None:
        if self.left_out:
            self.left_out -= 1
            return
        self.keep_text()
        self.open.pop()

    def keep_text(self) -> None:
        if self.parts:
            given = "".join(self.parts)
            self.open[-1].text = text = _CONTROLS.sub("", given)
            self.notes.update([CONTROLS_NOTE] if text != given else [], [UNREADABLE_NOTE] if "\ufffd" in text else [])
        self.parts, self.length = [], 0


class _Building:
    """Called by the parser. Builds nothing of what lies outside the elements that are asked for."""

    def __init__(self, wanted: frozenset[str], inside: str | None) -> None:
        self._wanted, self._inside = wanted, inside
        self._depth = 0
        self._units: list[_Open] = []
        self._ready: list[Unit] = []
        self.has_moved = False

    def taken(self) -> list[Unit]:
        """Those that are ready, each once."""
        ready, self._ready = self._ready, []
        return ready

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self.has_moved = True
        self._depth += 1
        if self._depth > DEEPEST:
            raise _TooDeep
        if self._begins(tag):
            is_around = not self._units and self._inside is not None
            unit = _Open([Element("")], MOST_AROUND if is_around else MOST_CHARS)
            self._units.append(unit)
        if self._units:
            self._units[-1].start(tag, attributes)

    def _begins(self, tag: str) -> bool:
        if not self._units:
            return tag in self._wanted
        return len(self._units) == 1 and self._inside is not None and tag.rpartition("}")[2] == self._inside

    def data(self, text: str) -> None:
        self.has_moved = True
        if self._units:
            self._units[-1].data(text)

    def end(self, _tag: str) -> None:
        self.has_moved = True
        self._depth -= 1
        if not self._units:
            return
        unit = self._units[-1]
        unit.end()
        if len(unit.open) == 1 and not unit.left_out:
            self._units.pop()
            around = self._units[-1].open[0][0] if self._units else None
            self._ready.append(Unit(unit.open[0][0], around, unit.is_whole, tuple(sorted(unit.notes))))
