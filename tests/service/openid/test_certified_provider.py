"""The desk against a certified provider, which enforces PKCE, one use of a code, and registered addresses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from urllib.request import urlopen

import pytest
from flask.testing import FlaskClient

from moderation.ground.database.engine import Database
from moderation.ground.environment.group_roles import parse_group_roles
from moderation.ground.environment.settings import Settings
from moderation.ground.jobs.jobs import Queues
from moderation.sites.sites import NewSite
from service.app import create_app
from service.context import utc_now
from service.openid.client import OpenId, Secrets
from service.openid.problems import ProblemKind, ProviderProblem
from tests.installed_clients import INSTALL_S
from tests.service.openid.certified import CLIENT, RETURN, SECRET, Certified, certified_provider

pytestmark = pytest.mark.timeout(INSTALL_S + 60)

FAY = {"email": "fay@example.org", "email_verified": True, "name": "Fay", "groups": ["/news/desk"]}


@pytest.fixture(scope="module", params=["0", "1"], ids=["claims in the token", "claims at the userinfo endpoint"])
def provider(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Certified]:
    with certified_provider(tmp_path_factory.mktemp("provider"), SHORT_TOKENS=request.param) as running:
        yield running


@pytest.fixture
def settings(provider: Certified, tmp_path: Path) -> Settings:
    provider.knows(fay=FAY)
    return Settings(
        demo=True,
        gavel_home=tmp_path,
        oidc_issuer=provider.issuer,
        oidc_client_id=CLIENT,
        oidc_client_secret=SECRET,
        oidc_roles=parse_group_roles("/news/desk=lead@Site A"),
        oidc_allow_private=True,
    )


@pytest.fixture
def client(settings: Settings, database: Database, queues: Queues, site: NewSite) -> FlaskClient:
    return create_app(settings, database=database, queues=queues).test_client()


def begun(client: FlaskClient) -> str:
    return client.get("/desk/login/provider").headers["Location"]


def arrive(client: FlaskClient, address: str) -> tuple[int, str, str]:
    parts = urlsplit(address)
    answer = client.get(f"{parts.path}?{parts.query}")
    return answer.status_code, answer.headers.get("Location", ""), answer.text


def test_a_person_logs_in_with_the_roles_of_their_groups_and_out_again(
    client: FlaskClient, provider: Certified
) -> None:
    status, location, _text = arrive(client, provider.log_in(begun(client), "fay"))
    assert (status, location) == (303, "/desk/review")
    assert "fay@example.org" in client.get("/desk/account").text
    assert client.get("/desk/audit").status_code == 200

    provider.knows(fay={**FAY, "groups": ["/chess"]})
    status, _location, text = arrive(client, provider.log_in(begun(client), "fay"))
    assert status == 403 and "You are in no group" in text
    assert client.get("/desk/account").status_code == 303

    leaving = client.get("/desk/login/leave").headers["Location"]
    with urlopen(leaving, timeout=30) as page:  # it refuses addresses to return to that it does not know
        assert page.status == 200


def test_a_person_who_does_not_agree_is_told_how_to_go_on(client: FlaskClient, provider: Certified) -> None:
    status, _location, text = arrive(client, provider.log_in(begun(client), "fay", agrees=False))

    assert status == 403
    assert "You did not agree at 127.0.0.1. To log in, begin again and agree." in text


def test_a_code_counts_once_and_with_its_own_verifier(settings: Settings, provider: Certified) -> None:
    ours = OpenId.of(settings)
    assert ours is not None

    def code(login: Secrets) -> str:
        return parse_qs(urlsplit(provider.log_in(ours.beginning(login, RETURN), "fay")).query)["code"][0]

    login = Secrets.new()
    first = code(login)
    assert ours.person(first, login, RETURN, now=utc_now()).groups == frozenset({"/news/desk"})
    with pytest.raises(ProviderProblem, match="invalid_grant"):
        ours.person(first, login, RETURN, now=utc_now())

    stolen = code(login)
    with pytest.raises(ProviderProblem, match="invalid_grant") as refused:
        ours.person(stolen, Secrets(login.state, login.nonce, Secrets.new().verifier), RETURN, now=utc_now())
    assert refused.value.kind is ProblemKind.REFUSED


def test_a_code_of_another_person_put_into_this_login_is_refused(
    client: FlaskClient, settings: Settings, provider: Certified
) -> None:
    """Code injection: the attacker's browser brings a victim's code with its own state."""
    victim = urlsplit(provider.log_in(begun(client), "fay"))
    code = parse_qs(victim.query)["code"][0]
    own = urlsplit(provider.log_in(begun(client), "fay"))
    query = {name: values[0] for name, values in parse_qs(own.query).items()} | {"code": code}

    answer = client.get("/desk/login/callback", query_string=query)

    assert answer.status_code == 403
    assert "did not log you in" in answer.text


def test_a_wrong_secret_and_an_unknown_client_are_said_to_be_that(settings: Settings, provider: Certified) -> None:
    right = OpenId.of(settings)
    wrong = OpenId.of(replace(settings, oidc_client_secret="another"))
    assert right is not None and wrong is not None
    login = Secrets.new()
    code = parse_qs(urlsplit(provider.log_in(right.beginning(login, RETURN), "fay")).query)["code"][0]

    with pytest.raises(ProviderProblem) as refused:
        wrong.person(code, login, RETURN, now=utc_now())

    assert refused.value.kind is ProblemKind.SET_UP


def test_a_public_client_needs_no_secret(settings: Settings, provider: Certified) -> None:
    public = OpenId.of(replace(settings, oidc_client_id="public", oidc_client_secret=""))
    assert public is not None
    login = Secrets.new()
    code = parse_qs(urlsplit(provider.log_in(public.beginning(login, RETURN), "fay")).query)["code"][0]

    assert public.person(code, login, RETURN, now=utc_now()).subject == "fay"
