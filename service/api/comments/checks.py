"""Checks of texts that are not stored: the verdict that a comment would get, before it is posted."""

from __future__ import annotations

from dataclasses import replace

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from moderation.ground.errors import FieldProblem, InvalidInput, NotAllowed
from moderation.ground.values import json_form
from moderation.ground.values.statuses import CommentStatus
from moderation.ground.values.verdicts import Reason
from moderation.pipeline.arriving import comment_text
from moderation.pipeline.drafts.drafts import ArticleContext, Checked, Draft
from moderation.sites.keys import Scope
from moderation.spine.comments import rows as comments
from service.api import responses, views, words
from service.api.schemas import signal_schemas
from service.api.schemas.check_schemas import Check, CheckResult, SentenceScores
from service.auth import current_key, needs, reads_only_what_is_public
from service.checking.advice import advice
from service.checking.checks import check
from service.context import gavel

VERSION_HEADER = "Gavel-Model-Version"

checks = APIBlueprint("checks", __name__, url_prefix="/v1", abp_tags=[Tag(name="Checks")])


@checks.post(
    "/check",
    operation_id="checkText",
    responses={200: CheckResult, **responses.problems(400, 409, 413, 415, 422, 503)},
)
@needs(Scope.SCORE)
def check_text(body: Check) -> Response:
    """Check a text without storing it

    The answer has the verdict that the site's policy would give, and `advice` for the writer in the language of
    `Accept-Language`, else in English. Nothing is stored: no row, no job, no line in a log. An answer that would come
    after `deadline_ms` is a 503 at once.

    A key without the scope `read`, such as one in a page, may not name an author or a comment that readers do not see,
    and gets reasons without the policy's limits.
    """
    (checked,) = check(current_key().site_id, [_draft(body)], deadline_s=body.deadline_ms / 1000)
    return views.reply(_result(checked), headers={VERSION_HEADER: checked.model_version})


def _draft(body: Check) -> Draft:
    """Raises InvalidInput, and NotAllowed for what the key may not name."""
    if reads_only_what_is_public():
        _refuse_what_is_not_public(body)
    return Draft(
        text=comment_text.clean(body.text),
        language=body.language,
        article=ArticleContext(**body.article.model_dump()) if body.article else None,
        parent_id=body.parent_id,
        parent_text=comment_text.clean(body.parent_text, "parent_text") if body.parent_text is not None else None,
        author_id=body.author.id if body.author else None,
        author_name=body.author.name if body.author else None,
        author_url=body.author.url if body.author else None,
        spans=body.sentences,
        explain=body.explain,
    )


def _refuse_what_is_not_public(body: Check) -> None:
    """Refuses by the rule that only keys that may read learn an author's record and see quotes of comments that are not
    published."""
    if body.author is not None:
        raise NotAllowed("author: a key that names authors needs the scope read")
    if body.parent_id is None:
        return
    with gavel().database.read() as conn:
        parent = comments.find_comment(conn, current_key().site_id, body.parent_id)
    if parent is None or parent.status is not CommentStatus.PUBLISHED:
        raise InvalidInput(FieldProblem("parent_id", f"no comment has the id {body.parent_id!r}"))


def _result(checked: Checked) -> CheckResult:
    verdict = checked.verdict
    advised = advice(verdict)
    return CheckResult(
        verdict=verdict.action,
        reasons=[_reason(reason) for reason in verdict.reasons],
        advice=_in_words(advised),
        advice_codes=list(advised),
        signals=[signal_schemas.Signal(**json_form.signal_to_json(signal)) for signal in checked.signals.values()],
        sentences=[SentenceScores(start=s.start, end=s.end, values=dict(s.values)) for s in checked.sentences],
        language=checked.language,
        policy_version=checked.policy_version,
        models=dict(checked.models),
    )


def _in_words(advised: tuple[str, ...]) -> list[str]:
    if not advised:
        return []
    said = words.of(current_key().site_id, words.preferred())
    return [said[id] for id in advised]


def _reason(reason: Reason) -> signal_schemas.Reason:
    if reads_only_what_is_public():
        parts = tuple(replace(part, limit=None, bound=None) for part in reason.parts)
        reason = replace(reason, limit=None, bound=None, label="", detail="", parts=parts)
    return signal_schemas.Reason(**json_form.reason_to_json(reason))
