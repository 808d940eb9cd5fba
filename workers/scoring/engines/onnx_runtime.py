"""ONNX Runtime without its telemetry. Nothing else imports ``onnxruntime``: a test looks for it.

Its builds (seen in 1.32) send a device id, the processor, the system and its memory to their maker, and keep the id
under ``~/.cache``. The variable must be set before the library loads: a later call leaves the file behind.
https://github.com/microsoft/onnxruntime/blob/main/docs/Privacy.md
"""

from __future__ import annotations

import importlib
import os
from types import ModuleType

TELEMETRY_OFF = "ORT_DISABLE_TELEMETRY"

os.environ[TELEMETRY_OFF] = "1"

import onnxruntime  # noqa: E402 - the line before must come first

if hasattr(onnxruntime, "disable_telemetry_events"):
    onnxruntime.disable_telemetry_events()

__all__ = ["TELEMETRY_OFF", "onnxruntime", "quantization"]


def quantization() -> ModuleType:
    """``onnxruntime.quantization``, which needs the ``onnx`` package that only exports have."""
    return importlib.import_module("onnxruntime.quantization")
