"""Links are found however they are written, and full stops are not taken for links."""

from __future__ import annotations

from time import thread_time

import pytest

from moderation.judging.text.reading import Reading


def found(text: str) -> list[str]:
    return [text[start:end] for start, end in (link.place for link in Reading(text).links)]


@pytest.mark.parametrize(
    "link",
    [
        "https://example.com",
        "http://example.com/a?b=c#d",
        "HTTPS://EXAMPLE.COM/A",
        "ftp://example.com/x",
        "https://localhost:8000/x",
        "http://192.0.2.7/x",
        "www.example.com",
        "www2.example.com/x",
        "example.com",
        "Example.COM",
        "shop.example.co.uk",
        "example.com/path",
        "example.com:8080/x",
        "exämple.de",
        "example.xn--p1ai",
        "bit.ly/abc",
        "t.me/some_channel",
        "hxxp://example.com",
        "hxxps://example[.]com/x",
        "hxxps[:]//example[.]com",
        "h**p://example.com",
        "example[.]com",
        "example(dot)com",
        "example (dot) com",
        "example [dot] org/x",
        "example dot com",
        "ｅｘａｍｐｌｅ．ｃｏｍ",
        "exam\u200bple.com",
    ],
)
def test_a_link_is_found_as_one(link: str) -> None:
    assert found(f"look at {link} today") == [link]


@pytest.mark.parametrize(
    "text",
    [
        "It ended.The next day it was over",
        "I told him.it was late",
        "ask me.So they did",
        "at 3.5m or 10.30 p.m.",
        "e.g. the U.S. and i.e. the U.K.",
        "Mr.Smith and Dr.Jones",
        "the file report.pdf and README.md and node.js",
        "write to me@example.com please",
        "the dot com bubble, a dot com crash",
        "every dot com company",
        "this dot com thing",
        "and/or 24/7",
        "wait...what",
        "so...com on",
    ],
)
def test_a_full_stop_makes_no_link(text: str) -> None:
    assert found(text) == []


def test_closing_punctuation_is_not_part_of_a_link() -> None:
    assert found("(see https://example.com/a), or example.org. Yes, example.net!") == [
        "https://example.com/a",
        "example.org",
        "example.net",
    ]


def test_each_link_counts_once_in_order() -> None:
    assert found("https://www.example.com/?to=example.org example.com www.example.net") == [
        "https://www.example.com/?to=example.org",
        "example.com",
        "www.example.net",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "x" * 20_000,
        "a." * 10_000,
        "a [.] " * 3_300,
        "a-" * 10_000,
        "a dot " * 3_300,
        " " * 20_000,
        "http://" * 2_800,
        "é." * 10_000,
    ],
)
def test_a_comment_made_to_stall_the_search_does_not(text: str) -> None:
    started = thread_time()
    _ = Reading(text).links

    assert thread_time() - started < 2  # some 20 ms; minutes if the pattern went back over the text for every character
