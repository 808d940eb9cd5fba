"""Export the sentence encoder to ONNX, int8, with mean pooling and normalisation inside the graph."""

import logging
import tempfile
from pathlib import Path

import torch
from torch.nn.functional import normalize
from transformers import BertModel

from training.loop.checkpoint import base_folder
from training.publishing.bundle import copy_tokenizer
from workers.scoring.engines import onnx_runtime

ONNX_FILE = "model.int8.onnx"
OPSET = 17


class SentenceEncoder(torch.nn.Module):
    """Token ids and mask in, one unit vector of 384 numbers per row out."""

    def __init__(self, encoder: BertModel) -> None:
        super().__init__()
        self.encoder = encoder

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        hidden = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        weights = attention_mask.unsqueeze(-1).to(hidden.dtype)
        mean = (hidden * weights).sum(dim=1) / weights.sum(dim=1).clamp(min=1e-9)
        return normalize(mean, dim=-1)


def load_encoder() -> SentenceEncoder:
    """The base encoder."""
    base = BertModel.from_pretrained(base_folder(), add_pooling_layer=False, attn_implementation="eager")
    return SentenceEncoder(base.float()).eval()


def export(encoder: SentenceEncoder, folder: Path) -> Path:
    """Write `model.int8.onnx` (inputs `input_ids`, `attention_mask`; output `embedding`) and the tokenizer."""
    copy_tokenizer(folder)
    logging.getLogger().setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory() as scratch:
        full, ready = Path(scratch, "full.onnx"), Path(scratch, "ready.onnx")
        _trace(encoder, full)
        quantization = onnx_runtime.quantization()
        quantization.quant_pre_process(str(full), str(ready), skip_symbolic_shape=True)
        quantization.quantize_dynamic(
            ready, folder / ONNX_FILE, weight_type=quantization.QuantType.QInt8, per_channel=True
        )
    return folder / ONNX_FILE


def _trace(encoder: SentenceEncoder, path: Path) -> None:
    ids = torch.tensor([[101, 7592, 2088, 102], [101, 7592, 102, 0]])
    rows_and_tokens = {0: "rows", 1: "tokens"}
    torch.onnx.export(
        encoder,
        (ids, (ids != 0).long()),
        str(path),
        input_names=["input_ids", "attention_mask"],
        output_names=["embedding"],
        dynamic_axes={"input_ids": rows_and_tokens, "attention_mask": rows_and_tokens, "embedding": {0: "rows"}},
        opset_version=OPSET,
        dynamo=False,
    )
