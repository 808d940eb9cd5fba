"""Akismet's calls. A key is the site's own, with the scope ``score``; with ``moderate`` too, what people submit decides
comments that Gavel knows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from flask import Blueprint, Flask, Response, current_app, g, request
from flask.json import dumps

from moderation.ground.errors import ArticleClosed
from moderation.ground.values import json_form
from moderation.ground.values.statuses import Action
from moderation.moderators.review import feedback
from moderation.moderators.review.feedback import Feedback, FeedbackUse
from moderation.pipeline.drafts import spam_check_rows as spam_checks
from moderation.pipeline.drafts.drafts import Draft
from moderation.sites import rows as sites
from moderation.sites.keys import Scope
from moderation.sites.rows import Site
from moderation.spine.comments import decision_rows as decisions
from moderation.spine.comments import rows as comments
from service import csv_tables
from service.auth import current_key, needs
from service.checking.checks import check
from service.compat import frame
from service.compat.akismet import judging, reading, wording
from service.compat.akismet.judging import SpamAnswer
from service.compat.akismet.reading import MAX_BYTES, AkismetComment, Incomplete
from service.compat.akismet.usage import UsageTally, month_of
from service.context import gavel, utc_now
from service.web import webhook_notices

DEADLINE_S = 0.8  # some clients wait for one second
EXTENSION = "gavel.spam_checks"
VERSIONS = '/<any("1.1", "1.2"):version>'

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
READS = ("usage_limit", "key_sites")  # these may be asked with GET

akismet = Blueprint("akismet", __name__, url_prefix=VERSIONS)


@akismet.record_once
def _set_up(state: Any) -> None:
    app: Flask = state.app
    app.extensions[EXTENSION] = UsageTally(app.extensions["gavel"].database)


@akismet.url_value_preprocessor
def _forget_version(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    (values or {}).pop("version", None)


@akismet.before_request
def _check_method() -> Response | None:
    """Flask would answer a wrong method in our own shape, because it then knows no blueprint."""
    name = (request.endpoint or "").rpartition(".")[2]
    allowed = ("GET", "HEAD", "POST") if name in READS else ("POST",)
    if request.method in (*allowed, "OPTIONS"):
        return None
    return wording.text("Method not allowed", help_text=f"send {allowed[-1]}", status=405)


@akismet.route("/verify-key", methods=METHODS)
@needs(Scope.SCORE, max_bytes=MAX_BYTES)
def verify_key() -> Response:
    """Whether the key works; a wrong one does not come this far."""
    return wording.text(wording.VALID)


@akismet.route("/comment-check", methods=METHODS)
@needs(Scope.SCORE, max_bytes=MAX_BYTES)
def comment_check() -> Response:
    """Whether a text is spam."""
    entry = reading.read_entry(_fields())
    answer, model_version = judging.guaranteed(entry), None
    if answer is None and entry.text.strip():
        answer, model_version = _judge(entry)
    answer = answer or SpamAnswer(is_spam=False)  # there is nothing to read
    response = wording.verdict(answer, model_version)
    return response if entry.is_test else _counted(response, "spam" if answer.is_spam else "ham")


@akismet.route("/submit-spam", methods=METHODS)
@needs(Scope.SCORE, max_bytes=MAX_BYTES)
def submit_spam() -> Response:
    """A person says that a text is spam."""
    return _submit(1.0, "missed_spam")


@akismet.route("/submit-ham", methods=METHODS)
@needs(Scope.SCORE, max_bytes=MAX_BYTES)
def submit_ham() -> Response:
    """A person says that a text is not spam."""
    return _submit(0.0, "false_positives")


@akismet.route("/usage-limit", methods=METHODS)
@needs(Scope.SCORE, max_bytes=MAX_BYTES)
def usage_limit() -> Response:
    """The checks of this month. There is no limit by month: each key has one by minute."""
    _tally().flush()
    with gavel().database.read() as conn:
        used = spam_checks.total(conn, current_key().site_id, month_of(utc_now()))
    return _json({"limit": "none", "usage": used, "percentage": "0.00", "throttled": False})


@akismet.route("/key-sites", methods=METHODS)
@needs(Scope.SCORE, max_bytes=MAX_BYTES)
def key_sites() -> Response:
    """The checks of a month by the host that the callers named."""
    fields = _fields()
    month = fields.get("month") or month_of(utc_now())
    limit, offset = _number(fields, "limit", 500), _number(fields, "offset", 0)
    _tally().flush()
    with gavel().database.read() as conn:
        hosts = spam_checks.by_host(conn, current_key().site_id, month)
    shown = [_row(counts) for counts in hosts[offset : offset + limit]]
    if fields.get("format") == "csv":
        return wording.text(_csv(shown))
    return _json({month: shown, "limit": limit, "offset": offset, "total": len(hosts)})


def _judge(entry: AkismetComment) -> tuple[SpamAnswer, str | None]:
    site = _site()
    reader = entry.email or entry.author or None
    try:
        (checked,) = check(site.id, [_draft(entry)], deadline_s=DEADLINE_S, reader=reader)
    except ArticleClosed:  # the site takes no comments just now: no client may show one
        return SpamAnswer(is_spam=True), None
    limit, counts_toxicity = site.settings.akismet_spam_limit, site.settings.akismet_counts_toxicity
    return judging.judge(checked, limit=limit, counts_toxicity=counts_toxicity), checked.model_version


def _draft(entry: AkismetComment) -> Draft:
    return Draft(entry.text, author_name=entry.author or None, author_url=entry.url or None)


def _submit(value: float, kind: str) -> Response:
    entry, response = reading.read_entry(_fields()), wording.text(wording.THANKS)
    if not entry.text.strip() or entry.is_test:
        return response
    said = Feedback("akismet", entry.text, {"spam": value}, _action(entry, value), entry.ids)
    key = current_key()
    may_decide = Scope.MODERATE in key.scopes
    taken = feedback.take(gavel().database, key.site_id, said, may_decide=may_decide, key_id=key.id, now=utc_now())
    if taken is FeedbackUse.DECIDED:
        webhook_notices.tell(key.site_id)
    return _counted(response, kind)


def _action(entry: AkismetComment, value: float) -> Action | None:
    """The decision that follows. "Not spam" is not "fit to print": it publishes only a comment that was held for spam
    and for nothing else."""
    if value:
        return Action.REJECT
    with gavel().database.read() as conn:
        known = next(
            filter(None, (comments.find_comment(conn, current_key().site_id, comment_id) for comment_id in entry.ids)),
            None,
        )
        decision = decisions.latest_decision(conn, known.id) if known else None
    reasons = [json_form.reason_from_json(reason) for reason in decision.reasons] if decision else []
    is_for_spam = bool(reasons) and all(map(judging.is_spammy, reasons))
    return Action.PUBLISH if is_for_spam else None


def _site() -> Site:
    with gavel().database.read() as conn:
        return sites.get_site(conn, current_key().site_id)


def _counted(response: Response, kind: str) -> Response:
    tally = _tally()
    tally.add(current_key().site_id, _fields().get("blog", ""), kind, now=utc_now())
    response.call_on_close(tally.flush_if_due)
    return response


def _tally() -> UsageTally:
    return cast(UsageTally, current_app.extensions[EXTENSION])


def _csv(rows: Sequence[dict[str, Any]]) -> str:
    return csv_tables.as_csv([list(rows[0]), *(list(row.values()) for row in rows)]) if rows else ""


def _row(counts: spam_checks.Counts) -> dict[str, Any]:
    numbers = {kind: str(getattr(counts, kind)) for kind in spam_checks.KINDS}
    return {"site": counts.host, "api_calls": str(counts.checks), **numbers, "is_revoked": False}


def _number(fields: dict[str, str], name: str, default: int) -> int:
    given = fields.get(name, "")
    return min(int(given), 10_000) if given.isascii() and given.isdigit() and len(given) < 9 else default


def _json(body: dict[str, Any]) -> Response:
    return Response(dumps(body), mimetype="application/json")


def _fields() -> dict[str, str]:
    """Read once: the key may be among them."""
    if "akismet_fields" not in g:
        request.max_content_length = MAX_BYTES
        g.akismet_fields = reading.read_fields(request)
    return cast(dict[str, str], g.akismet_fields)


def _key() -> str | None:
    # Not request.host, which is empty for a name that has an underscore
    return reading.find_key(_fields(), request.environ.get("HTTP_HOST", ""))


frame.speak(akismet, token=_key, word=wording.word)
akismet.register_error_handler(Incomplete, wording.incomplete)
