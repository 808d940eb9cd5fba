"""Writes models as ONNX graphs with int8 weights. Importing this module imports torch."""

from __future__ import annotations

import logging
import os
import tempfile
import warnings
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer

from workers.scoring.engines import onnx_runtime
from workers.scoring.engines.onnx import CARRIED, LOGITS
from workers.scoring.engines.weights import ONNX_FILE
from workers.scoring.export.fixed_scales import fix_scales
from workers.scoring.export.outliers import SAMPLE, split_outliers

PER_TOKEN = frozenset({CARRIED})
"""The outputs of the shape (rows, tokens, …); all others have the shape (rows, …)."""


def write_graph(module: torch.nn.Module, path: Path, tokenizer: Tokenizer, outputs: Sequence[str] = (LOGITS,)) -> None:
    """Traces a function of ids and mask, and quantises its matrix products to int8. The file appears complete, at the
    end.

    ``module`` is a wrapper such as ``Logits``; it returns one tensor for each name in ``outputs``, in order.
    """
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".graph-") as work:
        whole, small = Path(work) / "float.onnx", Path(work) / ONNX_FILE
        trace(module, whole, outputs)
        ids = [np.asarray([encoding.ids], dtype=np.int64) for encoding in tokenizer.encode_batch(list(SAMPLE))]
        feeds = [{"input_ids": own, "attention_mask": np.ones_like(own)} for own in ids]
        quantise(whole, small, partial(split_outliers, feeds=feeds))
        fix_scales(small, feeds)
        os.replace(small, path)


def trace(module: torch.nn.Module, path: Path, outputs: Sequence[str]) -> None:
    """Writes the function in float32, for any number of rows and tokens."""
    ids = torch.ones((2, 8), dtype=torch.int64) * 5  # no padding: some models derive positions from it
    rows, tokens = {0: "rows"}, {0: "rows", 1: "tokens"}
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            module.eval().float(),
            (ids, torch.ones_like(ids)),
            str(path),
            input_names=["input_ids", "attention_mask"],
            output_names=list(outputs),
            dynamic_axes={
                "input_ids": tokens,
                "attention_mask": tokens,
                **{name: tokens if name in PER_TOKEN else rows for name in outputs},
            },
            dynamo=False,  # the newer exporter needs one more package and gives the same graph
        )


class Logits(torch.nn.Module):
    """A classifier as a function of ids and mask only."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.model(input_ids=input_ids, attention_mask=attention_mask)[0]
        return logits


def quantise(whole: Path, small: Path, in_float: Callable[[Path], list[str]]) -> None:
    """Writes a graph whose matrix products are int8, but for the nodes whose names ``in_float`` gives. It may rewrite
    the prepared graph, whose path it gets."""
    prepared = whole.with_name("prepared.onnx")
    logging.getLogger().setLevel(logging.ERROR)  # the quantiser logs about its pre-processing to the root logger
    quantization = onnx_runtime.quantization()
    quantization.quant_pre_process(whole, prepared, skip_symbolic_shape=True)
    exact = in_float(prepared)
    # seven bits: eight overflow on processors with AVX2 only, and elsewhere seven cost no accuracy that we can measure
    quantization.quantize_dynamic(
        prepared,
        small,
        weight_type=quantization.QuantType.QInt8,
        per_channel=True,
        reduce_range=True,
        nodes_to_exclude=exact,
    )
