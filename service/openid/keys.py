"""The provider's public keys (RFC 7517): the one that a token names, and no weak or unsuitable one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from jwt import PyJWK
from jwt.exceptions import InvalidKeyError, PyJWKError

from service.openid.calling import ProviderCaller
from service.openid.problems import ProblemKind, ProviderProblem, shown

TYPES = {"RS": "RSA", "PS": "RSA", "ES": "EC", "Ed": "OKP"}  # by the first letters of an algorithm
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""With two keys, a public and a private one. No token goes unsigned, and none is signed by a secret."""
MIN_RSA_BITS = 2048
MOST_KEYS = 100

Keys = Sequence[Mapping[str, Any]]


def fetch(caller: ProviderCaller, jwks_uri: str) -> Keys:
    """Raises ProviderProblem."""
    keys = caller.get(jwks_uri).content.get("keys")
    if not isinstance(keys, list) or not all(isinstance(key, dict) for key in keys) or len(keys) > MOST_KEYS:
        raise ProviderProblem(ProblemKind.GARBLED, "its keys are not a list of at most a hundred objects")
    return keys


def fitting(keys: Keys, kid: object, algorithm: str) -> PyJWK | None:
    """The key for a token with this header; None if there is none, or none that is the only one.

    Raises ProviderProblem for a key that is broken or too short.
    """
    fits = [key for key in keys if _fits(key, algorithm) and (kid is None or key.get("kid") == kid)]
    if len(fits) != 1:
        return None
    try:
        key = PyJWK(dict(fits[0]), algorithm=algorithm)
    except (PyJWKError, InvalidKeyError, ValueError, TypeError) as e:
        raise ProviderProblem(ProblemKind.GARBLED, f"its key {shown(kid)} cannot be read") from e
    if key.key_type == "RSA" and key.key.key_size < MIN_RSA_BITS:
        raise ProviderProblem(ProblemKind.NOT_FOR_US, f"its key {shown(kid)} has only {key.key.key_size} bits")
    return key


def _fits(key: Mapping[str, Any], algorithm: str) -> bool:
    is_for_signing = key.get("use", "sig") == "sig"
    return is_for_signing and key.get("kty") == TYPES[algorithm[:2]] and key.get("alg", algorithm) == algorithm
