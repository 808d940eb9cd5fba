"""A person, as the provider's claims describe them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moderation.sites.people.identities import ProvidedPerson
from service.openid.problems import ProblemKind, ProviderProblem

MOST_GROUPS = 10_000


def person(claims: Mapping[str, Any], groups_claim: str) -> ProvidedPerson:
    """Raises ProviderProblem if the provider holds the groups back because there are too many."""
    email, name = claims.get("email"), claims.get("name") or claims.get("preferred_username")
    verified = claims.get("email_verified")
    return ProvidedPerson(
        issuer=claims["iss"],
        subject=claims["sub"],
        email=email.strip().lower() if isinstance(email, str) else "",
        has_verified_email=verified is True or verified == "true",
        name=name if isinstance(name, str) else "",
        groups=_groups(claims, groups_claim),
    )


def lacks(claims: Mapping[str, Any], groups_claim: str) -> bool:
    """Whether the userinfo endpoint may know more: some providers keep an ID token short."""
    return "email" not in claims or _at(claims, groups_claim) is None


def joined(claims: Mapping[str, Any], more: Mapping[str, Any]) -> Mapping[str, Any]:
    """The token's claims, and those of the userinfo endpoint that it lacks. An address and the word that it is verified
    always come from the same one."""
    elsewhere = more if "email" in claims else claims
    apart = {name: value for name, value in elsewhere.items() if name not in ("email", "email_verified")}
    return {**apart, **claims} if "email" in claims else {**more, **apart}


def _groups(claims: Mapping[str, Any], groups_claim: str) -> frozenset[str]:
    if groups_claim in _held_back(claims):
        raise ProviderProblem(ProblemKind.TOO_MANY_GROUPS, f"it holds {groups_claim} back: there are too many")
    groups = _at(claims, groups_claim)
    listed = [groups] if isinstance(groups, str) else groups if isinstance(groups, list) else []
    if len(listed) > MOST_GROUPS:
        raise ProviderProblem(ProblemKind.TOO_MANY_GROUPS, f"{groups_claim} has {len(listed)} groups")
    return frozenset(group for group in listed if isinstance(group, str))


def _at(claims: Mapping[str, Any], path: str) -> object:
    """The claim with this name, or below the names between its dots, as Keycloak has its roles."""
    if path in claims:
        return claims[path]
    value: object = claims
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _held_back(claims: Mapping[str, Any]) -> Mapping[str, Any]:
    """Claims that are elsewhere (OpenID Connect Core 1.0, section 5.6.2): so Entra sends more than 200 groups."""
    elsewhere = claims.get("_claim_names")
    return elsewhere if isinstance(elsewhere, Mapping) else {}
