"""The title that a page gives itself, out of whatever it sends."""

from __future__ import annotations

import time

import pytest

from moderation.spine.articles.page_head import MAX_TITLE_CHARS, title_of

HEAD = 64 * 1024


@pytest.mark.parametrize(
    ("page", "title"),
    [
        ("<title>Ferry to run all winter</title>", "Ferry to run all winter"),
        ("<TITLE\n lang='en'>\n Ferry &amp; train\n</TITLE >", "Ferry & train"),
        ("<title>Ferry | News</title><meta property='og:title' content='The &quot;ferry&quot;'>", 'The "ferry"'),
        ("<title>Ferry</title><meta content=Winter name=OG:TITLE>", "Winter"),
        ("<title>Ferry</title><meta property='og:title' content=' '>", "Ferry"),
        ("<!-- <title>Draft</title> --><script>'<title>Code</title>'</script><title>Ferry</title>", "Ferry"),
        ("<meta data-a='<title>No</title>'><title>Ferry</title>", "Ferry"),
        ("<title>Ferry <b>now</b></title>", "Ferry <b>now</b>"),  # text, to be escaped wherever it is shown
        ("<title>İİİ Fähre</title>", "İİİ Fähre"),
        ("<title>a\u202eb\u200bc\x00d\ud7ffe</title>", "abc d e"),
        ("<title>Z" + "\u0300" * 900 + "algo</title>", "Z" + "\u0300" * 3 + "algo"),
        ("<title>" + "long " * 200_000 + "</title>", None),  # does not end in what is read
        ("<title>" + "x" * 5_000 + "</title>", "x" * MAX_TITLE_CHARS),
        ("<title>&#" + "9" * 5_000 + ";</title>", "\ufffd"),
        ("<body><svg><title>Logo</title></svg>", None),
        ("<head></head><title>Late</title>", None),
        ("<title></title>", None),
        ("<meta content='", None),
        ("", None),
    ],
)  # fmt: skip
def test_a_page_has_the_title_for_sharing_or_that_of_its_window(page: str, title: str | None) -> None:
    assert title_of(page.encode(errors="surrogatepass")[:HEAD], None) == title


@pytest.mark.parametrize(
    ("body", "declared", "title"),
    [
        ("<title>Fähre</title>".encode("cp1252"), "iso-8859-1", "Fähre"),
        ("<title>Fähre</title>".encode("utf-16"), None, "Fähre"),
        ('<meta charset="windows-1251"><title>Паром</title>'.encode("cp1251"), None, "Паром"),
        (b'<meta http-equiv=content-type content="text/html; charset=gb18030"><title>\xb6\xc9</title>', None, "渡"),
        ("<title>Fähre</title>".encode(), "rot13", "Fähre"),
        ("<title>Fähre</title>".encode("cp1252"), "zip", "F\ufffdhre"),
    ],
)
def test_the_encoding_is_that_of_the_answer_or_of_the_page(body: bytes, declared: str | None, title: str) -> None:
    assert title_of(body, declared) == title


@pytest.mark.parametrize(
    "part",
    ["<", "<!--", "<a ", "<meta ", "<meta a=", "<meta a='", '<meta content="', "<title>", "<script>", "</", "<meta '\"",
     "<meta = ", "&", "<title></title>", "<meta charset", "<meta a = ", "<meta" + " " * HEAD, "<meta b=" + " " * HEAD],
)  # fmt: skip
def test_no_text_makes_reading_slow(part: str) -> None:
    body = (part * HEAD)[: HEAD - 1].encode() + b">"
    began = time.perf_counter()

    title_of(body, None)

    assert time.perf_counter() - began < 1  # it takes 10 ms: Python's own parser needs a minute for some of them
