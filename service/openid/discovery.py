"""A provider's description of itself (OpenID Connect Discovery 1.0)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from service.openid.calling import ProviderCaller
from service.openid.problems import ProblemKind, ProviderProblem, shown

PATH = "/.well-known/openid-configuration"
BASIC, POST = "client_secret_basic", "client_secret_post"


@dataclass(frozen=True, slots=True)
class Provider:
    """The provider's addresses and habits."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None
    end_session_endpoint: str | None
    posts_secret: bool  # in the form instead of the header
    names_itself: bool  # in every answer that the browser brings (RFC 9207)
    algorithms: frozenset[str]  # of ID tokens, as far as it says
    date: str  # its own time, as HTTP writes it


def discover(caller: ProviderCaller, issuer: str) -> Provider:
    """Raises ProviderProblem."""
    answer = caller.get(issuer.rstrip("/") + PATH)
    if answer.status != 200:
        raise ProviderProblem(ProblemKind.SET_UP, f"no provider describes itself at {issuer}: {answer.status}")
    said = answer.content
    if said.get("issuer") != issuer:
        meant = shown(said.get("issuer"))
        raise ProviderProblem(ProblemKind.SET_UP, f"the provider calls itself {meant}: set OIDC_ISSUER to that")
    methods = _words(said, "token_endpoint_auth_methods_supported")
    return Provider(
        issuer,
        authorization_endpoint=_address(caller, said, "authorization_endpoint"),
        token_endpoint=_address(caller, said, "token_endpoint"),
        jwks_uri=_address(caller, said, "jwks_uri"),
        userinfo_endpoint=_optional(caller, said, "userinfo_endpoint"),
        end_session_endpoint=_optional(caller, said, "end_session_endpoint"),
        posts_secret=POST in methods and BASIC not in methods,
        names_itself=said.get("authorization_response_iss_parameter_supported") is True,
        algorithms=_words(said, "id_token_signing_alg_values_supported"),
        date=answer.date,
    )


def _address(caller: ProviderCaller, said: Mapping[str, Any], name: str) -> str:
    if not caller.allows(said.get(name)):
        problem = f"its {name} is {shown(said.get(name))}, and must be an https address"
        raise ProviderProblem(ProblemKind.GARBLED, problem)
    return str(said[name])


def _optional(caller: ProviderCaller, said: Mapping[str, Any], name: str) -> str | None:
    return None if said.get(name) is None else _address(caller, said, name)


def _words(said: Mapping[str, Any], name: str) -> frozenset[str]:
    words = said.get(name)
    return frozenset(word for word in words if isinstance(word, str)) if isinstance(words, list) else frozenset()
