"""One provider, as a web process knows it: where a login begins, and who it was."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self
from urllib.parse import quote_plus, urlencode, urlsplit

from jwt import PyJWK

from moderation.ground.environment.settings import Settings
from moderation.sites.people.identities import ProvidedPerson
from service.openid import claims, discovery, id_tokens, keys
from service.openid.calling import JSON, Answer, ProviderCaller
from service.openid.discovery import Provider
from service.openid.id_tokens import Expected
from service.openid.keys import Keys
from service.openid.problems import ProblemKind, ProviderProblem, shown

KEPT_S = 3600.0  # what the provider says about itself
RENEWED_S = 5.0  # an unknown key is looked for again, but not more often than this
NOT_OURS = frozenset({"invalid_client", "unauthorized_client"})


@dataclass(frozen=True, slots=True)
class Registration:
    """Gavel, as the provider knows it, and the claims that it wants."""

    issuer: str
    client_id: str
    client_secret: str
    scopes: str
    groups_claim: str


@dataclass(frozen=True, slots=True)
class Secrets:
    """The secrets of one login. The provider sees the state, the nonce, and a digest of the verifier."""

    state: str
    nonce: str
    verifier: str

    @classmethod
    def new(cls) -> Self:
        return cls(secrets.token_urlsafe(32), secrets.token_urlsafe(32), secrets.token_urlsafe(64))

    @property
    def challenge(self) -> str:
        """Of the verifier (RFC 7636, S256)."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")


class OpenId:
    """Every method that asks the provider raises ProviderProblem. Its addresses and keys are kept for an hour."""

    def __init__(
        self, registration: Registration, caller: ProviderCaller, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.registration, self.caller = registration, caller
        self._clock, self._lock = clock, threading.Lock()
        self._provider: tuple[float, Provider] | None = None
        self._keys: tuple[float, Keys] | None = None

    @classmethod
    def of(cls, settings: Settings, clock: Callable[[], float] = time.monotonic) -> Self | None:
        """None where people log in with passwords only."""
        if not settings.oidc_issuer:
            return None
        registration = Registration(
            settings.oidc_issuer,
            settings.oidc_client_id,
            settings.oidc_client_secret,
            settings.oidc_scopes,
            settings.oidc_groups_claim,
        )
        return cls(registration, ProviderCaller(settings.oidc_allow_private), clock)

    def beginning(self, login: Secrets, redirect_uri: str) -> str:
        """The provider's page on which the person logs in."""
        query = {
            "response_type": "code",
            "client_id": self.registration.client_id,
            "redirect_uri": redirect_uri,
            "scope": self.registration.scopes,
            "state": login.state,
            "nonce": login.nonce,
            "code_challenge": login.challenge,
            "code_challenge_method": "S256",
        }
        return _with_query(self.provider().authorization_endpoint, query)

    def check_answer(self, named: str | None, error: str | None) -> None:
        """Raises ProviderProblem if another provider sent the browser back (RFC 9207), as in a mix-up, or if this one
        refused."""
        issuer = self.registration.issuer
        if named != issuer and (named is not None or self.provider().names_itself):
            raise ProviderProblem(ProblemKind.NOT_FOR_US, f"the answer is from {shown(named)}, not from {issuer}")
        if error is not None:
            kind = ProblemKind.DECLINED if error == "access_denied" else ProblemKind.REFUSED
            raise ProviderProblem(kind, f"the provider answered {shown(error)}")

    def person(self, code: str, login: Secrets, redirect_uri: str, *, now: datetime) -> ProvidedPerson:
        """The person for whom the provider gave this code."""
        tokens = self._tokens(code, login, redirect_uri)
        provider, ours = self.provider(), self.registration
        expected = Expected(ours.issuer, ours.client_id, login.nonce, provider.algorithms)
        said = id_tokens.check(tokens.get("id_token"), expected, self._key, now=now)
        if provider.userinfo_endpoint and claims.lacks(said, ours.groups_claim):
            said = claims.joined(said, self._more(provider.userinfo_endpoint, tokens.get("access_token"), said["sub"]))
        return claims.person(said, ours.groups_claim)

    def leaving(self, back_to: str) -> str | None:
        """The provider's page on which a person ends the login there too, if it has one."""
        endpoint = self.provider().end_session_endpoint
        query = {"client_id": self.registration.client_id, "post_logout_redirect_uri": back_to}
        return _with_query(endpoint, query) if endpoint else None

    def provider(self) -> Provider:
        with self._lock:
            kept = self._provider
        if kept is None or self._clock() - kept[0] > KEPT_S:
            kept = (self._clock(), discovery.discover(self.caller, self.registration.issuer))
            with self._lock:
                self._provider = kept
        return kept[1]

    def keys(self, *, longest_s: float = KEPT_S) -> Keys:
        """The provider's keys, at most so old."""
        with self._lock:
            kept = self._keys
        if kept is None or self._clock() - kept[0] > longest_s:
            kept = (self._clock(), keys.fetch(self.caller, self.provider().jwks_uri))
            with self._lock:
                self._keys = kept
        return kept[1]

    def ask_for_tokens(self, form: Mapping[str, str]) -> Answer:
        """The token endpoint's answer to Gavel."""
        ours, provider = self.registration, self.provider()
        if not ours.client_secret or provider.posts_secret:
            secret = {"client_secret": ours.client_secret} if ours.client_secret else {}
            return self.caller.post(provider.token_endpoint, {**form, "client_id": ours.client_id, **secret}, JSON)
        pair = f"{quote_plus(ours.client_id)}:{quote_plus(ours.client_secret)}"  # RFC 6749, section 2.3.1
        basic = {"authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}
        return self.caller.post(provider.token_endpoint, form, basic)

    def _tokens(self, code: str, login: Secrets, redirect_uri: str) -> Mapping[str, Any]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": login.verifier,
        }
        answer = self.ask_for_tokens(form)
        if answer.error in NOT_OURS:
            raise ProviderProblem(ProblemKind.SET_UP, f"the token endpoint refused Gavel itself: {shown(answer.error)}")
        if answer.status != 200:
            raise ProviderProblem(ProblemKind.REFUSED, f"the token endpoint refused the code: {shown(answer.error)}")
        return answer.content

    def _key(self, kid: object, algorithm: str) -> PyJWK:
        """The provider may have changed its keys since they were read."""
        key = keys.fitting(self.keys(), kid, algorithm)
        key = key or keys.fitting(self.keys(longest_s=RENEWED_S), kid, algorithm)
        if key is None:
            raise ProviderProblem(ProblemKind.NOT_FOR_US, f"the ID token names a key that it has not: {shown(kid)}")
        return key

    def _more(self, endpoint: str, access_token: object, subject: str) -> Mapping[str, Any]:
        if not isinstance(access_token, str) or not access_token.isascii() or not access_token.isprintable():
            raise ProviderProblem(ProblemKind.GARBLED, "it sent no access token")
        answer = self.caller.get(endpoint, bearer=access_token)
        said = answer.content.get("sub")
        is_same = isinstance(said, str) and hmac.compare_digest(said.encode(), subject.encode())
        if answer.status != 200 or not is_same:
            raise ProviderProblem(
                ProblemKind.NOT_FOR_US, f"the userinfo endpoint answered {answer.status}, for {shown(said)}"
            )
        return answer.content


def _with_query(address: str, query: Mapping[str, str]) -> str:
    return f"{address}{'&' if urlsplit(address).query else '?'}{urlencode(query)}"
