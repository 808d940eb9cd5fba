"""No text costs much to read: each step outside the encoder takes time in proportion to the text, for any text."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bench.hostile import UNITS, inputs, no_collection, seconds, steps, warm
from moderation.ground.errors import TooCostly
from moderation.judging.text.disguises.guessing import guess_words
from moderation.judging.text.reading import Reading
from moderation.judging.text.reading_budget import Budget
from moderation.judging.text.remarks import find_meta
from moderation.pipeline.arriving.comment_text import MAX_CHARS
from tests.ticking import TickingClock

CEILING_S = 0.5  # some ten times what the slowest step takes: for busy machines
FLOOR_S = 0.03  # under this a ratio says nothing
ALPHABET = sorted({c for unit in UNITS for c in unit} | set("abkl019 .,!?|*@$_-'\"()[]{}/\\:;#~%+=<>^&\n\t€£¡·•"))


@pytest.fixture(scope="module", autouse=True)
def warm_steps() -> Iterator[None]:
    warm()
    with no_collection():
        yield


def assert_cheap(name: str, text: str) -> None:
    """By this thread's own time, and by how it grows from a quarter of the text, both its ends, to the whole."""
    step = steps()[name]
    whole = seconds(step, text)
    assert whole < CEILING_S, (name, text[:40], whole)
    if whole > FLOOR_S:
        part = len(text) // 8  # of both ends: the last letter may make one long word of two scripts of the whole
        quarter = seconds(step, text[:part] + text[-part:], rounds=2)
        whole = min(whole, seconds(step, text, rounds=2))
        assert whole < 8 * quarter + FLOOR_S, (name, text[:40], quarter, whole)


@pytest.mark.parametrize(("kind", "text"), inputs().items(), ids=list(inputs()))
def test_a_text_made_to_stall_a_worker_costs_little(kind: str, text: str) -> None:
    for name in steps():
        assert_cheap(name, text)


searching = settings(  # a failure is not shrunk: each step of that would take as long as the text is slow
    deadline=None,
    max_examples=10,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
pieces = st.lists(st.one_of(st.sampled_from(UNITS), st.sampled_from(ALPHABET)), min_size=1, max_size=6).map("".join)


@searching
@given(unit=pieces, start=pieces, end=pieces)
def test_what_is_repeated_costs_no_more_for_being_long(unit: str, start: str, end: str) -> None:
    text = start + unit * MAX_CHARS
    text = text[: MAX_CHARS - len(end)] + end

    for name in steps():
        assert_cheap(name, text)


@searching
@given(words=st.lists(pieces, min_size=1, max_size=40), seed=st.integers(0, 1 << 32))
def test_a_shuffle_of_hostile_pieces_costs_little(words: list[str], seed: int) -> None:
    text = "".join(random.Random(seed).choices([*words, " "], k=MAX_CHARS))[:MAX_CHARS]

    for name in steps():
        assert_cheap(name, text)


@settings(deadline=None, max_examples=300)
@given(st.text(alphabet="1|!il£a@k$*_- .", min_size=3, max_size=60))
def test_a_short_text_is_read_at_once(text: str) -> None:
    assert seconds(lambda one: guess_words(one.text), text) < CEILING_S / 10


@pytest.mark.parametrize(
    ("text", "step"),
    [
        ("id*ot " * 3_000, guess_words),
        ("i d i o t " * 2_000, guess_words),
        (" ".join(f"🖕 é{n}" for n in range(2_500)), guess_words),  # no word is known from before
        ("word " * 4_000, lambda text, budget: Reading(text, budget).uses_of(("word",))),
        ("é id*ot " * 2_500, lambda text, budget: Reading(text, budget).copies),
        ("my comment was deleted " * 800, lambda text, budget: find_meta(Reading(text, budget))),
        ("the moderator " * 1_400, lambda text, budget: find_meta(Reading(text, budget))),
    ],
)
def test_a_step_ends_when_the_time_is_spent_and_not_after(text: str, step: Callable[[str, Budget], object]) -> None:
    clock = TickingClock(0.001)

    with Budget(0.05, clock) as budget, pytest.raises(TooCostly):
        step(text, budget)

    assert clock.looks < 60
