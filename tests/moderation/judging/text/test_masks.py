from __future__ import annotations

import time

import pytest

from moderation.judging.text.disguises import masks
from moderation.judging.text.disguises.masks import (
    BRAND,
    CAPITALS,
    CASHTAG,
    LONGEST_WORD,
    MIXED,
    SPACED,
    STYLED,
    SYMBOL,
    mask,
    masked_text,
    masked_words,
)
from moderation.judging.text.letters.folding import fold
from moderation.judging.text.rewritten_text import Copy


@pytest.mark.parametrize(
    ("word", "masked"),
    [
        ("casino", "casino"),
        ("https://best-casino77.com/win?x=1", "xlinkx bestcasino"),
        ("www.shop.co.uk", "xlinkx wwwshopco"),
        ("best-casino77.com,", "xlinkx bestcasino"),
        ("ana@paper.example", "xmailx"),
        ("@trader_77", "xhandlex trader"),
        ("€250", "xmoneyx 000"),
        ("9.800€", "xmoneyx 0000"),
        ("250zł", "xmoneyx 000"),
        ("a4-zettel", "a0-zettel"),
        ("+49-30-23125-000", "xphonex"),
        ("2026", "0000"),
        ("3:1", "0:0"),
        ("b52", "b00"),
        ("1a2b3c4d5e6f7g8h9i1j2k3l4m5n", "xwalletx"),
        ("btc:1a2b3c4d5e6f7g8h9i1j2k3l4m5n!", "xwalletx"),
        ("internationalisierungsgesetz-2026", "internationalisierungsgesetz-0000"),
        ("e.g.", "e.g."),
    ],
)
def test_a_word_is_masked_by_its_kind(word: str, masked: str) -> None:
    assert mask(word) == masked


@pytest.mark.parametrize(
    ("sentence", "masked"),
    [
        (
            "估计是时差缘故，西部地区日出晚，早上7点05到班，这样的例子还有很多",
            "估计是时差缘故，西部地区日出晚，早上 0 点 00 到班，这样的例子还有很多",
        ),
        ("加我微信@lucky_77马上有惊喜", "加我微信 xhandlex lucky 马上有惊喜"),
        ("看这里https://win.example/1有彩金", "看这里 xlinkx win 有彩金"),
        ("送€250现金", "送€ 000 现金"),
    ],
)
def test_a_sentence_without_spaces_keeps_its_letters(sentence: str, masked: str) -> None:
    assert mask(sentence) == masked


def test_words_keep_their_places() -> None:
    text = "Write to  ana@paper.example\nnow"

    words = list(masked_words(Copy.of(text), text))

    assert [text[word.start : word.end] for word in words] == ["Write", "to", "ana@paper.example", "now"]
    assert [word.text for word in words] == ["write", "to", "xmailx", "now"]


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("\U0001d5e9\U0001d5dc\U0001d5e6\U0001d5dc", STYLED),
        ("\u24d0\u24d1\u24d2", SYMBOL),
        ("\u0421a\u0455ino", MIXED),
        ("c a s h", SPACED),
        ("WINNER", CAPITALS),
        ("win88", BRAND),
        ("aero88menarik", BRAND),
        ("king4d", BRAND),
        ("$DOGE", CASHTAG),
        ("\u2b50", SYMBOL),
    ],
)
def test_the_way_a_word_is_written_is_a_sign(text: str, sign: str) -> None:
    assert sign in " ".join(word.text for word in masked_words(fold(text), text)).split()


@pytest.mark.parametrize(
    "text",
    ["caf\u00e9", "na\u00efve", "NATO", "B52", "\u00fcber", "C'est \u00e7a", "\u043d\u0435\u0442", "2026", "a b c"],
)
def test_ordinary_words_have_no_sign(text: str) -> None:
    signs = {STYLED, MIXED, SPACED, BRAND, CASHTAG, SYMBOL}

    assert not signs & set(" ".join(word.text for word in masked_words(fold(text), text)).split())


@pytest.mark.parametrize(
    "hostile", ["a." * 10_000, "a.b" * 7_000, "http://" * 3_000, "@" * 20_000, "1" * 20_000, "-." * 10_000]
)
def test_a_word_without_an_end_costs_its_beginning_alone(hostile: str) -> None:
    started = time.thread_time()

    (word,) = masked_words(Copy.of(hostile), hostile)

    assert len(word.text) <= LONGEST_WORD + 10
    assert time.thread_time() - started < 0.2


@pytest.mark.parametrize(
    "text",
    [
        "Call 0171 2345678 or write to joe@example.com, ONLY today: win88!",
        "three a b c letters alone",
        "four a b c d letters alone",
        "an under_score _ _ _ _ and\ttabs\x1cor a line\nbreak",
        "\u24cc\u24d8\u24dd styled letters",
        "",
        "x" * (LONGEST_WORD + 1),
    ],
)
def test_a_masked_text_is_its_masked_words(text: str) -> None:
    copy = fold(text)

    assert masked_text(copy, text) == " ".join(word.text for word in masked_words(copy, text))


def test_a_word_that_came_before_is_not_masked_again() -> None:
    text = "The harbour master wrote to bob@harbour.example about 200 berths. " + "x" * (masks.LONGEST_KEPT + 1)
    masked_text(Copy.of(text), text)
    before = masks._plain.cache_info().misses

    masked = masked_text(Copy.of(f"{text} harbour"), f"{text} harbour")

    assert masks._plain.cache_info().misses == before
    assert masked.split()[-2:] == ["x" * (masks.LONGEST_KEPT + 1), "harbour"]
