"""Reads the body of a moderation request, and refuses in OpenAI's words what cannot be answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from moderation.pipeline.drafts.drafts import MAX_TEXT_CHARS

DEFAULT_MODEL = "omni-moderation-latest"
MODELS: Mapping[str, str] = {
    DEFAULT_MODEL: DEFAULT_MODEL,
    "omni-moderation-2024-09-26": "omni-moderation-2024-09-26",
    "text-moderation-latest": "text-moderation-007",
    "text-moderation-stable": "text-moderation-007",
    "text-moderation-007": "text-moderation-007",
}
"""The models that a caller may ask for, each with the name in the answer."""

MAX_TEXTS = 32
MAX_BYTES = 1024 * 1024
_TYPES = {type(None): "null", bool: "a boolean", int: "an integer", float: "a number", str: "a string"}
_TYPES |= {list: "an array", dict: "an object"}


class RefusedRequest(Exception):
    """The request is not valid. ``param`` and ``code`` are OpenAI's names."""

    def __init__(self, message: str, *, param: str | None = None, code: str | None = None, status: int = 400) -> None:
        super().__init__(message)
        self.message, self.param, self.code, self.status = message, param, code, status


@dataclass(frozen=True, slots=True)
class ModerationRequest:
    """``texts`` has one entry for each result that the caller expects."""

    asked_model: str
    texts: tuple[str, ...]

    @property
    def model(self) -> str:
        """The name in the answer."""
        return MODELS[self.asked_model]

    @property
    def is_omni(self) -> bool:
        return self.asked_model.startswith("omni-")


def read(body: Mapping[str, Any]) -> ModerationRequest:
    """Raises Refused."""
    for name in body:
        if name not in ("input", "model"):
            raise RefusedRequest(f"Unknown parameter: '{name[:100]}'.", param=name[:100], code="unknown_parameter")
    if "input" not in body:
        raise RefusedRequest("Missing required parameter: 'input'.", param="input", code="missing_required_parameter")
    return ModerationRequest(_model(body.get("model")), _texts(body["input"]))


def _model(asked: Any) -> str:
    if asked is None:
        return DEFAULT_MODEL
    if not isinstance(asked, str):
        raise _wrong_type("model", "a string", asked)
    if asked not in MODELS:
        raise unknown_model(asked)
    return asked


def unknown_model(name: str) -> RefusedRequest:
    message = f"The model '{name[:100]}' does not exist or you do not have access to it."
    return RefusedRequest(message, param="model", code="model_not_found", status=404)


def _texts(given: Any) -> tuple[str, ...]:
    if isinstance(given, str):
        return (_text("input", given),)
    if not isinstance(given, list):
        raise _wrong_type("input", "a string or an array", given)
    if not given:
        raise RefusedRequest(
            "Invalid 'input': empty array. Expected an array with minimum length 1, but got an empty array instead.",
            param="input",
            code="empty_array",
        )
    if len(given) > MAX_TEXTS:
        raise RefusedRequest(
            f"Invalid 'input': array too long. Expected an array with maximum length {MAX_TEXTS}, "
            f"but got an array with length {len(given)} instead.",
            param="input",
            code="array_above_max_length",
        )
    if any(isinstance(part, dict) for part in given):
        return (_of_parts(given),)
    return tuple(_text(f"input[{i}]", text) for i, text in enumerate(given))


def _of_parts(parts: list[Any]) -> str:
    """The parts of one message, which get one result: their texts, one below the other."""
    images = sum(isinstance(part, dict) and part.get("type") == "image_url" for part in parts)
    if images > 1:
        raise RefusedRequest(f"Number of images ({images}) exceeds maximum of 1", param="input", code="too_many_images")
    return _text("input", "\n".join(_part(f"input[{i}]", part) for i, part in enumerate(parts)))


def _part(where: str, part: Any) -> str:
    if not isinstance(part, dict):
        raise _wrong_type(where, "an object", part)
    kind = part.get("type")
    if kind == "image_url":
        message = f"Invalid '{where}': images are not supported here. This server moderates text only."
        raise RefusedRequest(message, param=f"{where}.image_url", code="unsupported_image")
    if kind != "text":
        message = f"Invalid value for '{where}.type'. Supported values are: 'text'."
        raise RefusedRequest(message, param=f"{where}.type", code="invalid_value")
    return _text(f"{where}.text", part.get("text"))


def _text(where: str, given: Any) -> str:
    if not isinstance(given, str):
        raise _wrong_type(where, "a string", given)
    if not given.strip():
        raise RefusedRequest(
            f"Invalid '{where}': empty string. Expected a string with minimum length 1, but got an empty string "
            "instead.",
            param=where,
            code="empty_string",
        )
    if len(given) > MAX_TEXT_CHARS:
        raise RefusedRequest(
            f"Invalid '{where}': string too long. Expected a string with maximum length {MAX_TEXT_CHARS}, "
            f"but got a string with length {len(given)} instead.",
            param=where,
            code="string_above_max_length",
        )
    return given


def _wrong_type(where: str, wanted: str, given: Any) -> RefusedRequest:
    message = f"Invalid type for '{where}': expected {wanted}, but got {_TYPES[type(given)]} instead."
    return RefusedRequest(message, param=where, code="invalid_type")
