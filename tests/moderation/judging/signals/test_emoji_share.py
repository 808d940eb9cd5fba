"""How much of a comment is emoji."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.judging.signals.registry import cheap_signals
from moderation.judging.signals.spec import MAX_SPANS
from moderation.judging.signals.texts.emoji_share import MIN_CHARS, emoji_share
from tests.builders import a_comment_to_score

TEXTS = st.text(st.sampled_from("ab 9😂🖕\u200d\ufe0f©é’👍🏽🇩🇪"), max_size=60)


def quotes(text: str) -> list[str]:
    return [text[span.start : span.end] for span in emoji_share(text).evidence]


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("a" * 20, 0.0),
        ("The council’s plan is fine – naïve, but fine.", 0.0),
        ("a" * 15 + "😂" * 5, 0.25),
        ("😂" * 20, 1.0),
        ("😂 " * 20, 1.0),
        ("a" * 15 + "👨\u200d👩\u200d👧👍🏽🇩🇪1️⃣❤️", 0.25),
        ("a" * 15 + "😂" * 5 + "\u200b\u200b\u2060", 0.25),
        ("a" * 18 + "©™", 0.0),
        ("これはとても分かりやすくて助かりました😂😂", pytest.approx(2 / 21)),
    ],
)
def test_it_is_the_share_of_emoji_among_the_characters_seen(text: str, share: float) -> None:
    measured = emoji_share(text)

    assert (measured.value, measured.abstained) == (share, None)


@pytest.mark.parametrize(
    "text", ["", "👍", "So true! 😂😂😂", "a" * (MIN_CHARS - 1), "a" * 15 + "👨\u200d👩\u200d👧" + " " * 9]
)
def test_it_abstains_under_20_characters(text: str) -> None:
    measured = emoji_share(text)

    assert (measured.value, measured.abstained, measured.evidence) == (None, "too short", ())


def test_neighbouring_emoji_are_one_place_with_its_share() -> None:
    text = "😂😂😂 I laughed all night 👍"

    assert quotes(text) == ["😂😂😂", "👍"]
    assert [span.weight for span in emoji_share(text).evidence] == [0.75, 0.25]


def test_only_the_first_places_are_kept() -> None:
    assert len(quotes("😂a" * (MAX_SPANS + 10))) == MAX_SPANS


@given(TEXTS)
def test_one_more_emoji_never_lowers_the_share(text: str) -> None:
    before, after = emoji_share(text).value, emoji_share(f"{text} 🖕").value

    assert before is None or 0 <= before <= 1
    assert before is None or (after is not None and after >= before)


def test_a_very_long_comment_takes_milliseconds() -> None:
    started = time.process_time()

    emoji_share("’😂\u200d🏽" * 5_000)

    assert time.process_time() - started < 1.0


def test_every_comment_has_it() -> None:
    (signal,) = [s for s in cheap_signals(a_comment_to_score("😂" * 20)) if s.name == "emoji"]

    assert (signal.value, len(signal.evidence)) == (1.0, 1)
