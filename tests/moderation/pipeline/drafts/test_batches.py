"""Lists of texts are cut so that every message is within its limit, whatever the texts hold."""

from __future__ import annotations

import pytest

from moderation.pipeline.drafts.drafts import MAX_ARTICLE_CHARS, MAX_TEXT_CHARS
from moderation.pipeline.drafts.messages import MAX_BYTES, MAX_TEXTS, Text, texts_from_bytes, texts_to_bytes
from moderation.pipeline.drafts.scoring_process import _batched


@pytest.mark.parametrize("sign", ["x", "\u0436", "\U0001f600", "\x01", '"'])
def test_every_message_is_within_its_limit_and_none_is_lost(sign: str) -> None:
    texts = [Text(f"{number}{sign * 20_000}", article_text=sign * 100_000) for number in range(20)]

    batches = _batched(texts)

    assert [text for batch in batches for text in batch] == texts
    assert max(len(texts_to_bytes(batch)) for batch in batches) <= MAX_BYTES


def test_the_longest_text_about_the_longest_article_is_one_message() -> None:
    (batch,) = _batched([Text("\x01" * MAX_TEXT_CHARS, article_text="\x01" * MAX_ARTICLE_CHARS)])

    assert len(texts_to_bytes(batch)) <= MAX_BYTES


def test_short_texts_travel_together() -> None:
    assert [len(batch) for batch in _batched([Text("x")] * (MAX_TEXTS + 1))] == [MAX_TEXTS, 1]


def test_half_a_sign_breaks_no_message() -> None:
    (text,) = texts_from_bytes(texts_to_bytes((Text("a\ud800b"),)))

    assert text.text == "a?b"
