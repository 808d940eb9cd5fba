"""Large XML files, one element at a time."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import BinaryIO
from xml.etree.ElementTree import Element, ParseError, iterparse  # expat itself stops entities that grow without end

from moderation.importing.reading import NotReadable


def elements(stream: BinaryIO, wanted: Collection[str]) -> Iterator[Element]:
    """Each element with one of these tags that lies in no other one, whole; its memory is free when the next one is
    asked for.

    Raises NotReadable for a file that is no XML.
    """
    try:
        around: list[Element] = []
        for event, element in iterparse(stream, events=("start", "end")):
            if event == "start":
                around.append(element)
                continue
            around.pop()
            if element.tag in wanted and not any(outer.tag in wanted for outer in around):
                yield element
                if around:
                    del around[-1][:]
    except ParseError as e:
        raise NotReadable(f"the file is not XML: {e}") from e


def text_at(element: Element, path: str) -> str:
    """The text of a child, without spaces around it; empty where there is none."""
    return (element.findtext(path) or "").strip()
