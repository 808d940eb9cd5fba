"""The host of a link, whatever its disguise, and the domain that somebody registered."""

from __future__ import annotations

import pytest

from moderation.judging.text.contacts.domains import host_of, listed_parent, registrable
from moderation.judging.text.reading import Reading


@pytest.mark.parametrize(
    ("link", "host"),
    [
        ("https://www.Example.org/path?x=1#y", "example.org"),
        ("hxxps://shop.example[.]com:8080/x", "shop.example.com"),
        ("http://user:secret@example.org/", "example.org"),
        ("http://example.org\\@other.test", "example.org"),
        ("example dot com", "example.com"),
        ("www2.example.co.uk", "example.co.uk"),
        ("https://bücher.example/", "xn--bcher-kva.example"),
        ("http://192.0.2.7/login", "192.0.2.7"),
        ("http://localhost/", None),
        ("https://" + "a" * 64 + ".com", None),
        ("http://", None),
    ],
)
def test_the_host_of_a_link(link: str, host: str | None) -> None:
    assert host_of(link) == host


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("example.com", "example.com"),
        ("a.b.example.com", "example.com"),
        ("a.example.co.uk", "example.co.uk"),
        ("a.example.com.br", "example.com.br"),
        ("diary.blogspot.com", "diary.blogspot.com"),
        ("x.diary.github.io", "diary.github.io"),
        ("192.0.2.7", "192.0.2.7"),
    ],
)
def test_the_domain_that_one_body_registers(host: str, domain: str) -> None:
    assert registrable(host) == domain


def test_the_links_of_a_text_have_their_places() -> None:
    text = "See https://a.example.com/x and b.example.com, not anna@example.com."

    found = {host: text[start:end] for host, (start, end) in Reading(text).hosts}

    assert found == {"a.example.com": "https://a.example.com/x", "b.example.com": "b.example.com"}
    assert Reading(text).domains == {"example.com"}


def test_the_longest_listed_parent_counts_and_no_mere_ending() -> None:
    listed = {"example.com", "shop.example.com"}

    assert listed_parent("a.shop.example.com", listed) == "shop.example.com"
    assert listed_parent("example.com", listed) == "example.com"
    assert listed_parent("notexample.com", listed) is None
