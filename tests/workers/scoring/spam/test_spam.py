"""The bundled spam weights: advertisements are told from what looks like them, with the words that say so."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from workers.scoring.engines.weights import BUNDLED, Weights, default_models_dir
from workers.scoring.scorable import Scorable, Unexplained
from workers.scoring.spam.scorer import FEWEST_CHARS, MARKED_WORDS, SpamScorer

FOLDER = default_models_dir() / "spam"
SAMPLE = Path(__file__).parents[4] / "examples" / "sample" / "comments.json"
LIMIT: float = json.loads((FOLDER / "manifest.json").read_text(encoding="utf-8"))["suggested_limits"]["spam"]


@pytest.fixture(scope="module")
def spam() -> SpamScorer:
    return SpamScorer(Weights.read(BUNDLED, FOLDER))


def value(spam: SpamScorer, text: str) -> float:
    ((signal,),) = spam.score([Scorable(text)])
    assert signal.value is not None
    return signal.value


@pytest.mark.parametrize(
    "text",
    [
        "I made $4,300 last week from home, no experience needed! Write me on WhatsApp +1 555 010 0199",
        "Best online casino, 200% bonus on your first deposit, play now at lucky-spin88.com",
        "Telegram kanalımıza katılın, deneme bonusu 500 TL, hemen üye olun: bahis-kazan77.com",
        "Habe mit diesem Trading-Bot 9.800 € in sechs Wochen verdient, schreib mir auf Telegram @bot_profit24",
    ],
)
def test_an_advertisement_is_held(spam: SpamScorer, text: str) -> None:
    assert value(spam, text) >= LIMIT


@pytest.mark.parametrize(
    "text",
    [
        "My electricity bill went from £92 to £178 and I live alone with a cat.",
        "The council should have asked the residents before it closed the bridge.",
        "Der Trainer hätte früher wechseln müssen, das Spiel war nach der Pause verloren.",
        "GOOOOAL what a night, best match since 2012!",
        "Bitcoin lost a third of its value this year, so I do not see why pension funds should buy it.",
    ],
)
def test_an_honest_comment_is_not(spam: SpamScorer, text: str) -> None:
    assert value(spam, text) < LIMIT


def test_the_words_that_advertise_are_marked_where_the_reader_wrote_them(spam: SpamScorer) -> None:
    text = "The bridge is late. Visit \uff22est-casino77.com for a free bonus today"

    (evidence,) = spam.explain([Unexplained(Scorable(text), ("spam",))])

    marked = [text[span.start : span.end] for span in evidence["spam"]]
    assert any("casino" in word for word in marked)
    assert not {"bridge", "late."} & set(marked)
    assert 0 < len(marked) <= MARKED_WORDS
    assert 0.2 < sum(span.weight for span in evidence["spam"]) <= 1.001


def test_a_comment_of_a_word_abstains(spam: SpamScorer) -> None:
    ((signal,),) = spam.score([Scorable("Casino!")])

    assert (signal.value, signal.abstained) == (None, "too short")


@pytest.mark.parametrize("text", ["x.co", "t.co/a1", "a.io  "])
def test_a_short_link_alone_is_judged(spam: SpamScorer, text: str) -> None:
    ((signal,),) = spam.score([Scorable(text)])

    assert signal.abstained is None
    assert signal.value is not None and signal.value >= LIMIT


def test_each_advertisement_of_the_demo_is_held_and_its_civil_comments_are_not(spam: SpamScorer) -> None:
    sample = json.loads(SAMPLE.read_text(encoding="utf-8"))
    read = [one for one in sample if len(one["text"]) >= FEWEST_CHARS]  # of shorter ones it says nothing
    found = [(one["kind"], value(spam, one["text"])) for one in read]
    ordinary = ("civil", "angry_civil", "reply", "question", "quote_and_condemn")

    assert [kind for kind, value in found if kind == "advertising" and value >= LIMIT] == ["advertising"] * 4
    assert [value for kind, value in found if kind in ordinary and value >= LIMIT] == []


def test_the_card_says_how_far_the_weights_can_be_trusted() -> None:
    card = (FOLDER / "README.md").read_text(encoding="utf-8")

    for source in ("india_sms", "judol_youtube_comments_id", "janitr_x_posts", "tg_spam_samples"):
        assert source in card
    assert "training/spam/texts" in card
