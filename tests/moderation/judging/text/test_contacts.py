"""Ways to reach somebody, however they are written, and numbers that only look like one."""

from __future__ import annotations

import pytest

from moderation.judging.text.reading import Reading


def found(text: str) -> list[str]:
    return [text[start:end] for start, end in Reading(text).contacts]


@pytest.mark.parametrize(
    ("text", "contact"),
    [
        ("Write to anna.berg@example.org today", "anna.berg@example.org"),
        ("anna (at) example (dot) org", "anna (at) example (dot) org"),
        ("anna[at]example.org", "anna[at]example.org"),
        ("mail anna at example dot org", "anna at example dot org"),
        ("Ask me: +44 20 7946 0018.", "+44 20 7946 0018"),
        ("+1 (202) 555-0143 any time", "+1 (202) 555-0143"),
        ("Call 202-555-0143 now", "202-555-0143"),
        ("(202) 555 0143", "(202) 555 0143"),
        ("030 / 23125 042 fragen", "030 / 23125 042"),
        ("0 3 0 2 3 1 2 5 0 4 2", "0 3 0 2 3 1 2 5 0 4 2"),
        ("0-3-0-2-3-1-2-5-0-4-2", "0-3-0-2-3-1-2-5-0-4-2"),
        ("０３０２３１２５０４２", "０３０２３１２５０４２"),
        ("WhatsApp 2025550143 for details", "2025550143"),
        ("звоните 8 800 555 01 43", "8 800 555 01 43"),
        ("Telegram: profit_anna", "Telegram: profit_anna"),
        ("telegram @profit_anna", "telegram @profit_anna"),
        ("T e l e g r a m is fun, tg @profit_anna", "tg @profit_anna"),
        ("write @profit_anna on Telegram", "@profit_anna on Telegram"),
        ("t.me/profit_anna", "t.me/profit_anna"),
        ("https://wa.me/12025550143", "wa.me/12025550143"),
        ("微信：anna8888", "微信：anna8888"),
        ("пишите в телеграм @anna_profit", "телеграм @anna_profit"),
        ("0x52908400098527886E0F7030069857D2E4169EE7", "0x52908400098527886E0F7030069857D2E4169EE7"),
        ("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"),
        ("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"),
        ("Donate: DE89 3704 0044 0532 0130 00!", "DE89 3704 0044 0532 0130 00"),
    ],
)
def test_a_contact_is_found_where_it_is(text: str, contact: str) -> None:
    assert found(text) == [contact]


@pytest.mark.parametrize(
    "text",
    [
        "From 1939-1945 and again 1950-1953, 2019/20 too.",
        "They won 3-2, then 21-17 15-21 11-9 10-8.",
        "It cost 1 299 000 euros, or $1,299,000.00, or 12.500.000 €.",
        "§ 242 BGB, Art. 5 Abs. 1 GG, 18 U.S.C. 1030(a)(5)",
        "ISBN 978-3-16-148410-0 is the book.",
        "978-3-16-148410-0",
        "From 19:30 to 21:00, on 12.05.2024, 2024-05-12 and 12/05/2024.",
        "81283501 people voted, 74.223.975 for the other.",
        "The population is 8 019 876 189 now.",
        "@anna you are right, and @ben_k too.",
        "I met her at example.org yesterday",
        "The signal was red. A snap election, a line of credit.",
        "Call 112 or 911.",
        "Bus 100, 200 and M29 at 10.15, 10.35, 10.55.",
        "https://example.org/2024/05/12-20255501437 says so",
        "3.14159265358979",
        "Unix time 1700000000 passed.",
        "1 2 3 4 5 6 7 8",
        "DE89 3704 0044 0532 0130 01",
        "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb",
        "The server 203.113.114.38 is down.",
        "",
    ],
)
def test_what_only_looks_like_a_contact_is_none(text: str) -> None:
    assert found(text) == []


def test_several_are_counted_apart() -> None:
    assert found("anna@example.org or +44 20 7946 0018") == ["anna@example.org", "+44 20 7946 0018"]
