"""The site's policy: to read and to replace as a whole. Every version is kept."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from flask import Response, request
from flask.json import dumps
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SkipValidation, StringConstraints
from werkzeug.exceptions import PreconditionFailed

from moderation.ground.errors import FieldProblem, InvalidInput
from moderation.ground.values.statuses import Action
from moderation.judging.policy.document_fields import DefaultAction, SignalName
from moderation.judging.policy.document_form import AnyRule, PolicyOverride
from moderation.sites import rows as store
from moderation.sites.keys import Scope
from moderation.sites.rows import PolicyRow
from service.api import responses, views
from service.api.fields import Line, Query, Strict, Version, without_controls
from service.auth import caller, current_key, needs
from service.checking import policy_trials
from service.context import gavel

policy = APIBlueprint("policy", __name__, url_prefix="/v1", abp_tags=[Tag(name="Policy")])


class PolicyDocument(Strict):
    """A whole policy. The core validates it and names every field that is wrong."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "version": 1,
                "required": ["toxicity", "relevance"],
                "rules": [
                    {"signal": "toxicity", "at_least": 0.81, "action": "flag", "label": "Toxicity"},
                    {"signal": "relevance", "below": 0.15, "action": "flag", "label": "Relevance"},
                    {
                        "all": [
                            {"signal": "author.published", "below": 3},
                            {"signal": "links", "at_least": 1},
                            {"signal": "spam", "at_least": 0.05},
                        ],
                        "action": "flag",
                        "label": "A newcomer's link that may be spam",
                    },
                ],
                "banned_words": [],
                "suspect_words": [],
                "shipped_words": True,
                "blocked_domains": ["casino.example"],
                "allowed_domains": ["news.example"],
                "sections": {"sport": {"rules": [], "without": ["relevance"]}},
                "articles": {},
            }
        }
    )

    version: Annotated[Version | None, Field(description="The version that this replaces, unless in `If-Match`")] = None
    rules: SkipValidation[list[AnyRule]]
    required: SkipValidation[list[SignalName]]
    default: SkipValidation[DefaultAction] = Action.PUBLISH
    banned_words: SkipValidation[list[str]] = Field(default_factory=list)
    suspect_words: SkipValidation[list[str]] = Field(default_factory=list)
    shipped_words: SkipValidation[bool] = True
    blocked_domains: SkipValidation[list[str]] = Field(default_factory=list)
    allowed_domains: SkipValidation[list[str]] = Field(default_factory=list)
    sections: SkipValidation[dict[str, PolicyOverride]] = Field(default_factory=dict)
    articles: SkipValidation[dict[str, PolicyOverride]] = Field(default_factory=dict)


class PolicyVersion(BaseModel):
    """A version of the policy, without its document."""

    version: int
    note: str | None
    created_by: str
    created_at: datetime


class PolicyVersions(BaseModel):
    """`next` is null on the last page."""

    versions: list[PolicyVersion]
    next: int | None


Although = Annotated[str, StringConstraints(max_length=2_000), AfterValidator(without_controls)]


class NoteQuery(Query):
    note: Annotated[Line | None, Field(description="The reason, for the list of versions")] = None
    although: Annotated[Although | None, Field(description="`although` of an answer `worse-by-rule-book`")] = None


class VersionsQuery(Query):
    before: Annotated[int | None, Field(ge=1, le=2**31 - 1, description="`next` of the previous page")] = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class VersionPath(Strict):
    version: Annotated[int, Field(ge=1, le=2**31 - 2)]


@policy.get("/policy", operation_id="getPolicy", responses={200: PolicyDocument, **responses.problems()})
@needs(Scope.READ)
def get_policy() -> Response:
    """Read the policy in force"""
    with gavel().database.read() as conn:
        return _document(store.current_policy(conn, current_key().site_id))


@policy.put(
    "/policy",
    operation_id="putPolicy",
    responses={200: PolicyDocument, **responses.problems(400, 409, 412, 413, 415, 422)},
)
@needs(Scope.MODERATE)
def put_policy(query: NoteQuery, body: PolicyDocument) -> Response:
    """Replace the policy

    Name the version that you read, in `version` or as `If-Match`: if somebody has saved another one since, nothing
    changes. The new version decides waiting comments; earlier decisions stay. A change that is worse by the rule book
    is saved only with a lead's word: send `although` of the answer.
    """
    document = {name: getattr(body, name) for name in body.model_fields_set}
    saved = policy_trials.replace(
        current_key().site_id,
        document,
        expected=_expected(body.version),
        by=caller(),
        note=query.note,
        although=query.although,
    )
    return _document(saved)


@policy.get(
    "/policy/versions", operation_id="listPolicyVersions", responses={200: PolicyVersions, **responses.problems(422)}
)
@needs(Scope.READ)
def list_versions(query: VersionsQuery) -> Response:
    """List the policy's versions, newest first"""
    with gavel().database.read() as conn:
        versions = store.policy_versions(conn, current_key().site_id, limit=query.limit + 1, before=query.before)
    page = versions[: query.limit]
    shown = [
        PolicyVersion(version=r.version, note=r.note, created_by=r.created_by, created_at=r.created_at) for r in page
    ]
    return views.reply(PolicyVersions(versions=shown, next=page[-1].version if len(versions) > query.limit else None))


@policy.get(
    "/policy/versions/<version>",
    operation_id="getPolicyVersion",
    responses={200: PolicyDocument, **responses.problems(404, 422)},
)
@needs(Scope.READ)
def get_version(path: VersionPath) -> Response:
    """Read one version of the policy"""
    with gavel().database.read() as conn:
        return _document(store.get_policy(conn, current_key().site_id, path.version))


def _expected(version: int | None) -> int:
    """The version that the caller read. Raises PreconditionFailed if `If-Match` names another than the current one."""
    if "If-Match" not in request.headers:
        if version is None:
            raise InvalidInput(FieldProblem("version", "is missing: name the version you replace, or send If-Match"))
        return version
    with gavel().database.read() as conn:
        current = store.current_policy(conn, current_key().site_id).version
    if not request.if_match.contains(str(current)):
        raise PreconditionFailed(f"the policy is at version {current}")
    return current


def _document(row: PolicyRow) -> Response:
    body: dict[str, Any] = {**row.document, "version": row.version}
    response = Response(dumps(body), mimetype="application/json")
    response.set_etag(str(row.version))
    return response
