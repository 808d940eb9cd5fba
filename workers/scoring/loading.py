"""Opens the engine that runs the weights of a name. If they have no export yet, it exports them first."""

from __future__ import annotations

from moderation.ground.errors import ModelUnavailable
from workers.scoring.engines.onnx import Engine, OnnxEngine
from workers.scoring.engines.weights import (
    OFFICIAL_NAMES,
    ModelFolders,
    Weights,
    cached_export,
    find_source,
    languages_of,
)

ENGINES = ("onnx", "torch")


def load_engine(name: str, engine: str, threads: int, places: ModelFolders) -> tuple[Engine, Weights]:
    """The engine ``onnx`` or ``torch`` with the weights of this name. Raises ModelUnavailable."""
    if engine == "onnx":
        weights = find_export(name, places)
        return OnnxEngine(weights, threads=threads), weights
    if engine != "torch":
        raise ModelUnavailable(f"no engine {engine!r}: give one of {', '.join(ENGINES)}")
    return _load_reference(name, threads, places)


def find_export(name: str, places: ModelFolders) -> Weights:
    """Exported weights for a name or a path. If there is no export, it is made now.

    Raises:
        ModelUnavailable: there are no such weights, or they must be exported and torch is not installed.
    """
    weights = cached_export(name, places)
    if weights is not None:
        return weights
    try:
        from workers.scoring.export.exporting import export  # noqa: PLC0415  (imports torch)
    except ImportError as e:
        raise ModelUnavailable(
            f"weights {name!r} have no export yet and making one needs torch, detoxify, transformers and onnx: {e}"
        ) from e
    return export(name, places)


def _load_reference(name: str, threads: int, places: ModelFolders) -> tuple[Engine, Weights]:
    try:
        from workers.scoring.engines.torch_engine import TorchEngine  # noqa: PLC0415  (imports torch)
    except ImportError as e:
        raise ModelUnavailable(f"the torch engine needs torch and detoxify, which are not installed: {e}") from e
    source = None if name in OFFICIAL_NAMES else find_source(name, places)
    loaded = TorchEngine.load(name, source, threads=threads)
    facts = {"labels": list(loaded.labels), "languages": languages_of(name), "max_tokens": loaded.max_tokens}
    return loaded, source or Weights(name, places.cache, {**facts, "files": {}})
