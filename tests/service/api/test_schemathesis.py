"""The OpenAPI document against the service: allowed and forbidden calls are tried, and no answer may be a 5xx or differ
from the document. Some rules have no place in a JSON schema (no control characters, no lone surrogates, an existing
parent). There the service refuses with a documented 422, so a refusal of a body that the schema allows is no fault."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from redis import Redis
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import ignored_auth, negative_data_rejection, positive_data_acceptance

from moderation.ground.database.engine import Database
from moderation.ground.environment.settings import Settings
from moderation.ground.jobs.jobs import Queues
from moderation.operations.all_tables import metadata
from moderation.operations.composition import open_database
from moderation.sites import reader_secrets, sites
from service.app import create_app
from service.context import utc_now
from tests.builders import OPERATOR
from tests.paces import without_pace
from tests.scoring_processes import Answering

PROBES = ("/healthz", "/readyz")  # a test of their own looks at them
MAY_BE_LATE = ("/v1/check",)  # answers a documented 503 where the test's machine is too slow for the deadline
ONE_BY_ONE = ("/v1/comments:batch",)  # answers 200 with a result for each, those refused too
NOT_CHECKED: tuple[Any, ...] = (
    positive_data_acceptance,
    ignored_auth,  # puts our own key back on before it asks without one; test_auth.py looks at that
)
SENT_BEFORE: dict[str, Any] = {
    "/v1/site/origins": {"origins": ["https://news.example"]},
    "/v1/articles/a-1": {"title": "Ferry to run all winter"},
}
EXAMPLES = 6  # a call; each is a whole request with a database behind it


@pytest.fixture(scope="module")
def api_schema(tmp_path_factory: pytest.TempPathFactory, redis_server: Any, scoring_process: Answering) -> Any:
    """One service and one site for all calls: ids that one of them makes may be met by the next."""
    folder: Path = tmp_path_factory.mktemp("schemathesis")
    database = open_database(f"sqlite:///{folder / 'gavel.db'}")
    metadata.create_all(database.engine)
    queues = Queues(Redis.from_url(redis_server.url), job_timeout_s=30)
    own = scoring_process.named_in(Settings(gavel_home=folder, rate_limit_per_minute=0))
    app = create_app(own, database=database, queues=queues)
    site = without_pace(database, sites.create_site(database, "Site A", by=OPERATOR, now=utc_now()))
    for path, sent in SENT_BEFORE.items():
        answer = app.test_client().put(path, json=sent, headers={"Authorization": f"Bearer {site.key.token}"})
        assert answer.status_code in (200, 201), answer.text
    schema: Any = schemathesis.openapi.from_wsgi("/openapi.json", app)
    schema.config.update(headers={"Authorization": f"Bearer {site.key.token}"})
    schema.site_id, schema.reader_token = site.site.id, reader_token(database, site.site.id)
    refusals = schema.config.checks.negative_data_rejection
    refusals.expected_statuses = [*refusals.expected_statuses, "412", "413"]  # a text too long may be a body too large
    return schema


def reader_token(database: Database, site_id: str) -> str:
    """Of a reader whom the site has signed."""
    made = reader_secrets.create(database, site_id, by=OPERATOR, now=utc_now())
    claims = {"sub": "dana", "name": "Dana", "aud": site_id, "exp": utc_now() + timedelta(hours=1)}
    return jwt.encode(claims, made.secret, algorithm="HS256", headers={"kid": made.id})


def differences(schema: Any, operation: Any, mode: GenerationMode) -> str | None:
    """The fault in the first answer that differs from the document; None if there is none. A reader's calls come with
    a token, and the allowed ones of pages ask for the site."""
    headers = {"Authorization": f"Bearer {schema.reader_token}"} if operation.path.startswith("/v1/reader") else None

    late: list[Any] = [not_a_server_error] if operation.path in MAY_BE_LATE else []
    excluded: list[Any] = [*NOT_CHECKED, *late, *([negative_data_rejection] if operation.path in ONE_BY_ONE else [])]

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def ask(case: Any) -> None:
        if mode is GenerationMode.POSITIVE and "site" in case.path_parameters:
            case.path_parameters["site"] = schema.site_id
        case.call_and_validate(excluded_checks=excluded, headers=headers)

    try:
        ask()
    except (FailureGroup, Unsatisfiable) as e:
        if isinstance(e, FailureGroup):
            return f"{operation.label}: " + "; ".join(str(failure) for failure in e.exceptions)
    return None


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["allowed", "forbidden"])
def test_every_answer_is_as_documented(api_schema: Any, mode: GenerationMode) -> None:
    operations = [found.ok() for found in api_schema.get_all_operations()]
    ours = [operation for operation in operations if operation.path not in PROBES]

    wrong = [found for operation in ours if (found := differences(api_schema, operation, mode))]

    assert len(ours) > 15
    assert not wrong, "\n\n".join(wrong)
