"""Pairs that the relevance calibration is fitted on, and the encoder it is fitted for."""

import csv
import gzip
from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer

from tests.training.manifests import mismatches
from training.loop.checkpoint import base_folder
from training.relevance.export import export, load_encoder
from training.rows.pairs import ARGUMENTS_FILE, Argument, PairMaker, read_arguments
from workers.scoring.engines.onnx_runtime import onnxruntime

TOPICS = ("trams", "libraries", "beekeeping")
MODELS = Path(__file__).parents[3] / "models"


def arguments() -> tuple[Argument, ...]:
    return tuple(
        Argument(topic, " ".join(f"{topic}-{number}-{word}" for word in range(12)), False)
        for topic in TOPICS
        for number in range(12)
    )


def maker() -> PairMaker:
    neighbours = {topic: tuple(other for other in TOPICS if other != topic) for topic in TOPICS}
    return PairMaker(arguments(), neighbours, seed=1)


@pytest.mark.parametrize("kind", ["title", "text", "parent"])
def test_every_comment_comes_once_on_topic_and_once_off(kind: str) -> None:
    pairs = tuple(maker().draw(30, kind=kind))

    assert [pair.on_topic for pair in pairs] == [True, False] * 30
    assert all(on.text == off.text for on, off in zip(pairs[::2], pairs[1::2], strict=True))


def test_an_article_never_quotes_the_comment_it_is_paired_with() -> None:
    pairs = tuple(maker().draw(60, kind="text"))

    assert not [pair for pair in pairs if pair.text in (pair.article_text or "")]


def test_arguments_of_the_dev_and_test_topics_are_held_out(tmp_path: Path) -> None:
    with gzip.open(tmp_path / ARGUMENTS_FILE, "wt", encoding="utf-8", newline="") as lines:
        table = csv.writer(lines)
        table.writerow(("topic", "argument", "set", "stance"))
        table.writerows([("trams", "a", "train", 1), ("bees", "b", "dev", 1), ("ships", "c", "test", -1)])

    held_out = {argument.topic: argument.held_out for argument in read_arguments(tmp_path)}

    assert held_out == {"trams": False, "bees": True, "ships": True}


def test_exported_encoder_agrees_with_torch_on_texts_of_any_length(tmp_path: Path) -> None:
    texts = ("Trams.", "More trams would serve the town.", " ".join(["A very long remark about trams."] * 20))
    encoder = load_encoder()
    session = onnxruntime.InferenceSession(str(export(encoder, tmp_path)))
    tokenizer = Tokenizer.from_file(str(base_folder() / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.enable_padding()
    batch = tokenizer.encode_batch(list(texts))
    ids, mask = (np.asarray([getattr(one, name) for one in batch]) for name in ("ids", "attention_mask"))

    exported = session.run(None, {"input_ids": ids, "attention_mask": mask})[0]

    import torch

    with torch.inference_mode():
        reference = encoder(torch.from_numpy(ids), torch.from_numpy(mask)).numpy()
    assert float((exported * reference).sum(axis=1).min()) > 0.97
    assert np.linalg.norm(exported, axis=1) == pytest.approx(np.ones(3), abs=1e-3)


@pytest.mark.parametrize("name", ["toxicity", "multilingual", "spam"])
def test_bundled_weights_are_what_their_manifest_says(name: str) -> None:
    assert mismatches(MODELS / name) == ()
