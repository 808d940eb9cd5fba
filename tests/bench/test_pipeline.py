"""The mixes of comments by which the pipeline is measured."""

from __future__ import annotations

import pytest

from bench.pipeline import HOSTILE, MIXES, _cases, mix


@pytest.mark.parametrize("share", MIXES.values())
def test_no_two_comments_of_a_mix_are_alike_and_the_hostile_share_is_as_asked(share: float) -> None:
    said = mix(1_500, share)

    hostile = sum(any(text in one.text for text in _cases(HOSTILE)) for one in said)

    assert len({one.text for one in said}) == len(said) == 1_500
    assert hostile / len(said) == pytest.approx(share, abs=0.03)


def test_the_same_mix_comes_again() -> None:
    assert mix(50, 0.28) == mix(80, 0.28)[:50]
