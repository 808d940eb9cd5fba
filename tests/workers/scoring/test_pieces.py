"""The most that the encoders read of one comment, over all its readings, and of one article."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from tokenizers import Encoding

from bench.floods import MIXED
from bench.hostile import PROSE, RUSSIAN
from moderation.ground.values.signals import Of, Signal
from moderation.judging.text.reading_cost import MOST_PIECES
from workers.scoring.engines.onnx import EngineReading, OnnxEngine
from workers.scoring.engines.table_session import TableSession
from workers.scoring.scorable import Scorable, Unexplained
from workers.scoring.scorer import Scorer

CHARS = 19_900
TEXTS = {
    "dots": "…‥",
    "ligatures": "ﷺ",
    "links": "https://a1.example.com/x?y=2 ",
    "mixed languages": MIXED,
    "disguises": "You are a f**k1ng 1d10t, s.t.u.p.i.d! ",
    "Chinese": "傻瓜",
    "Russian": RUSSIAN,
    "prose": PROSE,
}


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The pieces of each text that an encoder reads."""
    lengths: list[int] = []
    by_onnx, by_table = OnnxEngine.read, TableSession.run

    def read(self: OnnxEngine, texts: Sequence[str], encodings: Sequence[Encoding]) -> EngineReading:
        lengths.extend(map(len, encodings))
        return by_onnx(self, texts, encodings)

    def run(self: TableSession, ids: Sequence[Sequence[int]], outputs: Any) -> Any:
        lengths.extend(map(len, ids))
        return by_table(self, ids, outputs)

    monkeypatch.setattr(OnnxEngine, "read", read)
    monkeypatch.setattr(TableSession, "run", run)
    return lengths


def of(signals: Sequence[Signal], name: str) -> Signal:
    return next(signal for signal in signals if signal.name == name)


@pytest.mark.parametrize("name", TEXTS)
def test_no_comment_costs_more_over_all_its_readings_and_it_says_so(scorer: Scorer, read: list[int], name: str) -> None:
    text = (TEXTS[name] * CHARS)[:CHARS]
    asked = Scorable(text, title="A tram", parent_text=text[::-1])

    (signals,) = scorer.score([asked])
    scorer.vectors([asked])
    scorer.explain([Unexplained(asked, tuple(s.name for s in signals if s.value is not None))])

    assert 0 < sum(read) <= MOST_PIECES + TITLE
    assert of(signals, "toxicity").in_part == (Of.COMMENT,)


TITLE = 16  # pieces of the title above, with the pieces that begin and end a text


def test_a_comment_as_readers_write_them_is_read_whole(scorer: Scorer) -> None:
    (signals,) = scorer.score([Scorable(PROSE * 40)])  # 4,400 characters

    assert not any(signal.in_part for signal in signals)


def test_the_first_and_the_last_words_of_a_long_comment_are_read(scorer: Scorer) -> None:
    insult = "You are a fucking idiot and I hope you die. "
    texts = [insult + PROSE * 170, PROSE * 170 + insult]

    for signals in scorer.score([Scorable(text) for text in texts]):
        assert (of(signals, "toxicity").value or 0) > 0.5


@pytest.mark.parametrize("chars", [200_000, 1_000_000])
def test_no_article_costs_more_and_relevance_says_what_it_has_read(scorer: Scorer, read: list[int], chars: int) -> None:
    words = " ".join(f"{chr(97 + n % 26)}{chr(97 + n // 26 % 26)}{n:x}" for n in range(chars // 7))
    comment = "The ferry to the island will not run in winter, says the council."
    scorer.score([Scorable(comment)])
    of_comment, read[:] = sum(read), []

    (signals,) = scorer.score(
        [Scorable(comment, title="The ferry", article_text=words[:chars], article_key=f"k{chars}")]
    )

    assert 0 < sum(read) <= MOST_PIECES + of_comment
    assert of(signals, "relevance").in_part == (Of.ARTICLE,)
    assert of(signals, "toxicity").in_part == ()
