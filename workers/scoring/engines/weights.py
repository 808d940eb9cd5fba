"""Finds weights by name, and refuses any file that is missing or not the one in its manifest. It loads no model."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from moderation.ground.environment.installed_files import bundled
from moderation.ground.environment.settings import Settings
from moderation.ground.errors import ModelUnavailable
from moderation.judging.signals.language import LanguageStanding
from moderation.judging.signals.registry import SIGNALS

log = logging.getLogger(__name__)

MANIFEST = "manifest.json"
ONNX_FILE = "model.int8.onnx"
TOKENIZER_FILE = "tokenizer.json"
NGRAMS_FILE = "ngrams.npz"
VECTOR_FILE = "vector.npz"
HEADS_FILE = "heads.npz"
ATTRIBUTIONS_FILE = "attributions.npz"
TABLE_FILE = "words.q4"
TOPICS_FILE = "topics.int8.onnx"
VECTORS_SHA256 = "vectors_sha256"  # in the manifest: of the graph that first gave these vectors
AMOUNTS, OF_ENCODER = "amounts", "encoder"  # in the manifest, if the head's amounts leave the n-grams out
BESIDE = (NGRAMS_FILE, VECTOR_FILE, HEADS_FILE, ATTRIBUTIONS_FILE)
"""The files that go with a checkpoint's export, if the manifest lists them."""

BUNDLED = "bundled"
BUNDLED_MULTILINGUAL = "bundled-multilingual"  # Detoxify has weights called ``multilingual``
OFFICIAL_NAMES = ("original", "unbiased", "multilingual", "original-small", "unbiased-small")
ENGLISH = ("en",)
LANGUAGES_OF_OFFICIAL: Mapping[str, tuple[str, ...]] = {"multilingual": ("en", "fr", "es", "it", "pt", "tr", "ru")}
"""From Detoxify's model table; all its other weights know English only."""

TOXICITY_SIGNALS = tuple(name for name, spec in SIGNALS.items() if spec.model == "toxicity")
"""The heads of Detoxify's weights that are signals here. Heads such as ``muslim`` say who is mentioned, so they are
not."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """Platt scaling of one head: ``p = sigmoid(scale * logit + shift)``."""

    scale: float = 1.0
    shift: float = 0.0


@dataclass(frozen=True, slots=True)
class Weights:
    """A folder of weights whose manifest has been read. ``name`` is the one that the operator asked for."""

    name: str
    folder: Path
    manifest: Mapping[str, Any]

    @classmethod
    def read(cls, name: str, folder: Path) -> Weights:
        """Raises ModelUnavailable if there is no readable manifest."""
        path = folder / MANIFEST
        try:
            manifest = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError as e:
            raise ModelUnavailable(f"no weights {name!r}: {path} does not exist") from e
        except ValueError as e:
            raise ModelUnavailable(f"the manifest {path} of weights {name!r} is not JSON") from e
        if not isinstance(manifest, dict) or not isinstance(manifest.get("files"), dict):
            raise ModelUnavailable(f"the manifest {path} of weights {name!r} lists no files")
        return cls(name, folder, manifest)

    @property
    def labels(self) -> tuple[str, ...]:
        """The heads of the model, in the order of its columns."""
        return tuple(self.manifest["labels"])

    @property
    def languages(self) -> tuple[str, ...]:
        """ISO 639 codes of the languages that the weights know, the main one first."""
        return tuple(self.manifest.get("languages", ENGLISH))

    @property
    def max_tokens(self) -> int:
        """The most tokens that the model takes, special tokens included."""
        return int(self.manifest.get("max_tokens", 512))

    @property
    def window_tokens(self) -> int:
        """The longest stretch that is scored in one go: the length that the weights were trained on, at most
        ``max_tokens``."""
        return min(self.max_tokens, int(self.manifest.get("window_tokens", self.max_tokens)))

    @property
    def checkpoint(self) -> Path:
        """Raises ModelUnavailable if the folder does not hold exactly one Detoxify checkpoint."""
        checkpoints = sorted(self.folder.glob("*.ckpt"))
        if len(checkpoints) != 1:
            raise ModelUnavailable(f"{self.folder} has {len(checkpoints)} checkpoints and needs exactly one")
        return checkpoints[0]

    @property
    def version(self) -> str:
        """The name with the first eight hexadecimal digits of the weights' sha256.

        If n-grams are beside them, the sha256 is that of both files, one after the other, because other scores need
        another name.
        """
        files: Mapping[str, str] = self.manifest["files"]
        of_checkpoint = next((sha for file, sha in files.items() if file.endswith(".ckpt")), None)
        sha = self.manifest.get("weights_sha256") or of_checkpoint or files.get(ONNX_FILE, "")
        return f"{self.name}@{_with_ngrams(sha, files)[:8]}"

    @property
    def space(self) -> str:
        """Names the encoder whose vectors can be compared with each other: these bytes and no others.

        The bytes are those of the weights if the manifest gives their sha256, and else those of the graph: of the first
        one that gave these vectors, if the manifest names it, because layers appended later change no vector.
        """
        given = self.manifest
        sha = given.get("weights_sha256") or given.get(VECTORS_SHA256) or given["files"].get(ONNX_FILE, "")
        return f"{self.manifest.get('name', self.name)}@{sha[:8]}"

    @property
    def standings(self) -> Mapping[str, LanguageStanding]:
        """By language, the main one first. Weights whose manifest does not say it decide in all of theirs."""
        given = self.manifest.get("standings", {})
        return {code: LanguageStanding(given.get(code, LanguageStanding.DECIDES)) for code in self.languages}

    def calibration(self, label: str, language: str | None = None) -> Calibration:
        """The scaling of one head, or the one that a language adds to it; a head without one is left as it is."""
        all_of_them = self.manifest.get("calibration" if language is None else "calibration_by_language", {})
        given = (all_of_them if language is None else all_of_them.get(language, {})).get(label)
        return Calibration(float(given["scale"]), float(given["shift"])) if given else Calibration()

    def verified(self, file: str) -> Path:
        """The path of a file whose bytes match the manifest.

        Raises:
            ModelUnavailable: the file is missing, is not listed, or has been changed.
        """
        expected, path = self.manifest["files"].get(file), self.folder / file
        if expected is None or not path.is_file():
            raise ModelUnavailable(f"weights {self.name!r}: the file {path} is missing or not listed")
        if sha256_of(path) != expected:
            raise ModelUnavailable(f"{path} is not the file in its manifest: the sha256 differs")
        return path


@dataclass(frozen=True, slots=True)
class ModelFolders:
    """The folders of weights and of exports."""

    models: Path
    cache: Path

    @classmethod
    def of(cls, models_dir: Path | None, cache_dir: Path | None) -> ModelFolders:
        """The given folders, or the default where one is None."""
        return cls(models_dir or default_models_dir(), cache_dir or default_cache_dir())


def cached_export(name: str, places: ModelFolders) -> Weights | None:
    """The export beside the checkpoint or, if complete, in the cache; None if there is none."""
    if name in OFFICIAL_NAMES:  # such a name always means the same file, so any complete export of it is right
        manifests = sorted(places.cache.glob(f"{name}-????????/{MANIFEST}"))
        return next(filter(None, (whole_export(name, path.parent) for path in manifests)), None)
    source = find_source(name, places)
    if ONNX_FILE in source.manifest["files"]:
        return source
    return whole_export(source.name, cache_folder(source, places))


def whole_export(name: str, folder: Path) -> Weights | None:
    """The export in a folder of the cache; None if there is none or it is damaged, since it can be made again."""
    if not (folder / MANIFEST).exists():
        return None
    try:
        weights = Weights.read(name, folder)
        weights.verified(ONNX_FILE)
        weights.verified(TOKENIZER_FILE)
        for file in BESIDE:
            if file in weights.manifest["files"]:
                weights.verified(file)
    except ModelUnavailable as e:
        log.warning("a kept export is damaged and will be made again: %s", e)
        return None
    return weights


def cache_folder(source: Weights, places: ModelFolders) -> Path:
    """It is named by the sha256 of the checkpoint and of the files beside it, so changed weights are exported again."""
    files = source.manifest["files"]
    sha = _with_ngrams(encoder_sha256(source), files)
    for file in (HEADS_FILE, ATTRIBUTIONS_FILE):
        if file in files:
            sha = hashlib.sha256(f"{sha}{files[file]}".encode()).hexdigest()
    return places.cache / f"{source.name}-{sha[:8]}"


def encoder_sha256(source: Weights) -> str:
    """The sha256 of the checkpoint or, if it gives vectors, of it and the sha256 of their projection."""
    sha, projection = sha256_of(source.checkpoint), source.manifest["files"].get(VECTOR_FILE)
    return hashlib.sha256(f"{sha}{projection}".encode()).hexdigest() if projection else sha


def find_source(name: str, places: ModelFolders) -> Weights:
    """The folder of a checkpoint: the bundled one, or the path of a folder or of a checkpoint in it. Raises
    ModelUnavailable."""
    if name == BUNDLED:
        return Weights.read(name, places.models / "toxicity")
    path = Path(name)
    folder = path.parent if path.suffix == ".ckpt" else path
    if not folder.is_dir():
        names = ", ".join((BUNDLED, *OFFICIAL_NAMES))
        raise ModelUnavailable(f"no weights {name!r}: give one of {names}, or the folder of a Detoxify checkpoint")
    if (folder / MANIFEST).exists():
        return Weights.read(folder.name, folder)
    return _unlisted(folder)


def sha256_of(path: Path) -> str:
    """Hexadecimal sha256 of a file's bytes."""
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def default_models_dir() -> Path:
    """The folder of the weights that come with Gavel."""
    return bundled("workers", "models")


def default_cache_dir() -> Path:
    """For exports, in the GAVEL_HOME that is used if none is set."""
    return Settings().gavel_home / "models"


def _with_ngrams(sha: str, files: Mapping[str, str]) -> str:
    """The sha256 of the weights or, if n-grams are beside them, of both one after the other."""
    return hashlib.sha256(f"{sha}{files[NGRAMS_FILE]}".encode()).hexdigest() if NGRAMS_FILE in files else sha


def languages_of(name: str) -> tuple[str, ...]:
    """The languages of official weights, as ISO 639 codes."""
    return LANGUAGES_OF_OFFICIAL.get(name, ENGLISH)


def _unlisted(folder: Path) -> Weights:
    """A checkpoint's folder without a manifest, as people bring them: the files that are there are taken as they
    are."""
    files = {path.name: sha256_of(path) for path in sorted(folder.glob("*.ckpt"))}
    return Weights(folder.name, folder, {"name": folder.name, "labels": [], "files": files})
