"""Builders of tiny, randomly initialised checkpoints in Detoxify's format, one per architecture of its weights."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import transformers
from tokenizers import ByteLevelBPETokenizer, SentencePieceUnigramTokenizer

ORIGINAL = ("toxic", "severe_toxic", "obscene", "threat", "insult", "identity_hate")
UNBIASED = (
    *("toxicity", "severe_toxicity", "obscene", "identity_attack", "insult", "threat", "sexual_explicit"),
    *("male", "female", "homosexual_gay_or_lesbian", "christian", "jewish", "muslim", "black", "white"),
    "psychiatric_or_mental_illness",
)
TEXTS = (
    "You are a stupid idiot and nobody wants you here.",
    "The council will vote on the new tram line next Tuesday.",
    "I will find you and hurt you!",
    "Thanks, a lovely article about the harbour.",
    "What a disgrace: eleven years, and not one house built.",
)


@dataclass(frozen=True, slots=True)
class Architecture:
    """One of the kinds of model that Detoxify's official weights have."""

    name: str
    model: str
    tokenizer: str
    classes: tuple[str, ...]


ARCHITECTURES = (
    Architecture("bert", "BertForSequenceClassification", "BertTokenizer", ORIGINAL),
    Architecture("roberta", "RobertaForSequenceClassification", "RobertaTokenizer", UNBIASED),
    Architecture("albert", "AlbertForSequenceClassification", "AlbertTokenizer", ORIGINAL),
    Architecture("xlm-roberta", "XLMRobertaForSequenceClassification", "XLMRobertaTokenizer", UNBIASED),
)


def write_checkpoint(architecture: Architecture, folder: Path) -> Path:
    """A folder with ``tiny.ckpt``, configuration and tokenizer, as somebody would bring their own weights."""
    torch.manual_seed(3)
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = _tokenizer(architecture.name, folder)
    tokenizer.model_max_length = 64
    tokenizer.save_pretrained(folder)
    model = getattr(transformers, architecture.model)(_config(architecture, tokenizer))
    torch.nn.init.normal_(
        model.classifier.weight if architecture.name in ("bert", "albert") else model.classifier.out_proj.weight
    )
    model.config.save_pretrained(folder)
    arguments = {
        "model_type": "a-folder-that-is-not-there",
        "model_name": architecture.model,
        "tokenizer_name": architecture.tokenizer,
        "num_classes": len(architecture.classes),
    }
    config = {"dataset": {"args": {"classes": list(architecture.classes)}}, "arch": {"args": arguments}}
    torch.save({"config": config, "state_dict": model.state_dict()}, folder / "tiny.ckpt")
    return folder


def _config(architecture: Architecture, tokenizer: Any) -> Any:
    extra = {"embedding_size": 16} if architecture.name == "albert" else {}
    reserved = tokenizer.pad_token_id + 1 if "roberta" in architecture.name else 0
    config_class = getattr(transformers, architecture.model).config_class
    return config_class(
        vocab_size=len(tokenizer),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=64 + reserved,
        num_labels=len(architecture.classes),
        pad_token_id=tokenizer.pad_token_id,
        initializer_range=0.15,
        **extra,
    )


def _tokenizer(name: str, folder: Path) -> Any:
    if name == "bert":
        words = sorted({word.strip(".,:!").lower() for text in TEXTS for word in text.split()})
        letters = [prefix + chr(c) for c in range(ord("a"), ord("z") + 1) for prefix in ("", "##")]
        pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", ".", ",", "!", ":", *letters]
        vocabulary = {piece: i for i, piece in enumerate([*pieces, *(w for w in words if w not in pieces)])}
        return transformers.BertTokenizer(vocab=vocabulary)
    if name == "roberta":
        trained = ByteLevelBPETokenizer()
        trained.train_from_iterator(TEXTS, vocab_size=400, special_tokens=["<s>", "<pad>", "</s>", "<unk>", "<mask>"])
        vocab_file, merges_file = trained.save_model(str(folder), "raw")
        merges: Any = [tuple(line.split()) for line in Path(merges_file).read_text("utf-8").splitlines()[1:]]
        Path(vocab_file).unlink()
        Path(merges_file).unlink()
        return transformers.RobertaTokenizer(vocab=trained.get_vocab(), merges=merges)
    unigram = SentencePieceUnigramTokenizer()
    specials = ["<pad>", "<unk>", "[CLS]", "[SEP]", "[MASK]"] if name == "albert" else ["<s>", "<pad>", "</s>", "<unk>"]
    unigram.train_from_iterator(TEXTS, vocab_size=120, special_tokens=specials, unk_token="<unk>", show_progress=False)
    pieces_with_scores = _unigram_vocabulary(unigram)
    kind = transformers.AlbertTokenizer if name == "albert" else transformers.XLMRobertaTokenizer
    return kind(vocab=pieces_with_scores)


def _unigram_vocabulary(trained: Any) -> list[tuple[str, float]]:
    content = json.loads(trained._tokenizer.to_str())
    return [(piece, score) for piece, score in content["model"]["vocab"]]
