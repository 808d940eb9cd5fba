"""The policy: what holds comments today, its limits over the site's own comments, and the effect of a change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from moderation.ground.errors import FieldProblem, InvalidInput, StalePolicy
from moderation.insight.learning.shadows import switching as shadows
from moderation.judging.policy import documents
from moderation.judging.policy.wording import LISTS, changes
from moderation.judging.signals.registry import FOR_RULES
from moderation.moderators.queue import rows as queue
from moderation.sites import rows as sites
from moderation.sites.audit import actors
from moderation.sites.people import roles
from moderation.sites.people.roles import Role
from moderation.sites.rows import PolicyRow
from service.context import gavel, utc_now
from service.desk.frame.rendering import me, page, site_asked
from service.desk.frame.routes import Routes
from service.desk.frame.sentences.numbers import percent, whole
from service.desk.frame.sentences.phrases import in_words
from service.desk.policy import override_places, replays, shown_rules
from service.desk.policy.form import NEW_COMBINED, by_field, candidate_from, made_rules
from service.desk.policy.versions import current_row, replace_policy
from service.languages.wording import N_, gettext

routes = Routes(under="policy")

VERSIONS = 50
ADDED = ("new-", "ready-", f"signal-{NEW_COMBINED}-")  # fields of rules that the form adds
OUTPACED = N_("Nothing was saved: somebody else saved version %(version)s first. This page shows that version.")


@routes.get("/policy", role=Role.MODERATOR, title=N_("Policy"), place=70, endpoint="policy")
def show() -> Response:
    site_id = site_asked()
    replays.renew(site_id)
    return _screen(site_id, current_row(site_id), {})


@routes.post("/policy/try", role=Role.MODERATOR)
def try_policy() -> Response:
    """The form as filled in, with its effect on recent comments. Nothing is saved."""
    site_id = site_asked()
    row = current_row(site_id)
    try:
        documents.parse(candidate_from(row.document, request.form), row.version + 1)
    except InvalidInput as e:
        return _screen(site_id, row, request.form, problems=e.problems, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return _screen(site_id, row, request.form)


@routes.post("/policy", role=Role.LEAD, endpoint="save_policy")
def save() -> Response:
    """Saves the form as a new version, unless somebody else saved one since the page was made."""
    site_id = site_asked()
    row = current_row(site_id)
    document = candidate_from(row.document, request.form)
    expected = whole(request.form.get("version", "")) or 0
    try:
        replace_policy(site_id, document, expected, request.form.get("note", ""))
    except InvalidInput as e:
        return _screen(site_id, row, request.form, problems=e.problems, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    except StalePolicy as e:
        notice = gettext(OUTPACED, version=e.current)
        return _screen(site_id, current_row(site_id), {}, notice=notice, status=HTTPStatus.CONFLICT)
    return redirect(url_for("desk.policy", site=site_id, saved=1), HTTPStatus.SEE_OTHER)


@routes.post("/policy/shadow", role=Role.LEAD)
def shadow_policy() -> Response:
    """Runs the form as filled in in the shadow. The policy stays as it is."""
    site_id, now = site_asked(), utc_now()
    row = current_row(site_id)
    document = candidate_from(row.document, request.form)
    name = request.form.get("shadow_name", "").strip() or gettext("Tried on %(day)s", day=f"{now:%Y-%m-%d %H:%M:%S}")
    try:
        started = shadows.start(gavel().database, site_id, name, document, by=actors.person(me()), now=now)
    except InvalidInput as e:
        return _screen(site_id, row, request.form, problems=e.problems, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return redirect(url_for("desk.shadow", shadow_id=started.id), HTTPStatus.SEE_OTHER)


def _screen(
    site_id: str,
    row: PolicyRow,
    form: Mapping[str, str],
    *,
    problems: Sequence[FieldProblem] = (),
    notice: str | None = None,
    status: int = 200,
) -> Response:
    """With problems it shows the form as it was filled in, and no effect."""
    candidate = candidate_from(row.document, form)
    rules, wrong = _rules(site_id, row, form), by_field(candidate, made_rules(row.document, form), problems)
    tried = row.document if problems else documents.dump(documents.parse(candidate, row.version + 1))
    replayed = replays.tried(site_id, row, row.document if problems else candidate)
    with gavel().database.read() as conn:
        around = {
            "versions": sites.policy_versions(conn, site_id, limit=VERSIONS),
            "site_names": queue.site_names(conn, tuple(me().roles)),
            "places": override_places.with_limits(conn, site_id, row.document),
        }
    return page(
        "desk/policy/policy.html",
        status=status,
        site_id=site_id,
        row=row,
        lists={name: form.get(name, "\n".join(candidate.get(name, ()))) for name in LISTS},
        uses_shipped_words=candidate.get("shipped_words", True),
        problems=wrong,
        changed=changes(row.document, tried, in_words),
        replayed=replayed,
        begun=replays.examples(replayed, candidate),
        newest=replays.NEWEST,
        notice=notice,
        note=form.get("note", ""),
        is_saved="saved" in request.args,
        may_save=site_id in roles.sites_where(me(), Role.LEAD),
        **rules,
        **_folds(rules, wrong, form),
        **around,
    )


def _rules(site_id: str, row: PolicyRow, form: Mapping[str, str]) -> dict[str, Any]:
    """The rules of the form, and those that it can add."""
    beside, current = replays.baseline(site_id, row), documents.parse(row.document, row.version)
    holding, shown = beside.holding, shown_rules.shown(row.document, form, beside)
    return {
        "holding": [rule for rule in shown if rule.share],
        "others": [rule for rule in shown if not rule.share],
        "of_held": lambda share: percent(share.held / len(holding.ids)),
        "causes": shown_rules.causes(row.document, holding),
        "unused": [spec for name, spec in FOR_RULES.items() if not any(r.signals == {name} for r in current.rules)],
        "ruled": list(FOR_RULES.values()),
        "new_sentence": shown_rules.new_sentence(form, NEW_COMBINED),
        "offers": shown_rules.offers(current),
        "given": form,
    }


def _folds(shown: Mapping[str, Any], problems: Mapping[str, str], form: Mapping[str, str]) -> dict[str, Any]:
    """Which of the folded parts are open, and the parts of the page that a try brings."""
    others = [field for rule in shown["others"] for field in rule.fields]
    added = [name for name in form if name.startswith(ADDED) and form[name]]
    singles = [rule.conditions[0].field for rule in (*shown["holding"], *shown["others"]) if not rule.is_sentence]
    sentences = [f"rule-{rule.place}" for rule in (*shown["holding"], *shown["others"]) if rule.is_sentence]
    return {
        "others_wrong": any(field in problems for field in others),
        "is_adding": bool(added),
        "lists_wrong": any(name in problems for name in LISTS),
        "swapped": [f"#at-{name}" for name in (*singles, *sentences, "new-limit", f"rule-{NEW_COMBINED}", *LISTS)],
    }
