"""The rule book at the desk: moderators read it, leads write rules and cases, and give the rules their order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from moderation.ground.database.engine import new_id
from moderation.ground.errors import FieldProblem, InvalidInput, NotFound
from moderation.moderators.queue import rows as queue
from moderation.sites import rows as sites
from moderation.sites.audit import actors
from moderation.sites.people.roles import Role, sites_where
from moderation.sites.rules import problems as limits
from moderation.sites.rules import rows as store
from moderation.sites.rules import writing
from moderation.sites.rules.values import FEWEST_CASES, HouseRule, Must, RuleCase
from service.context import gavel, utc_now
from service.desk.frame.rendering import me, my_sites, page, site_asked
from service.desk.frame.routes import Routes
from service.desk.frame.sentences.numbers import whole
from service.desk.rules import wording
from service.languages.wording import N_, gettext

routes = Routes(under="rules")

VERSIONS = 10
RULE = "/rules/rule/<key>"


@routes.get("/rules", role=Role.MODERATOR, title=N_("Rules"), place=71, endpoint="rules")
def show() -> Response:
    return _book(site_asked())


@routes.post("/rules", role=Role.LEAD)
def add_rule() -> Response:
    """A new rule at the end of the book. Its key comes from its name, and stays."""
    site_id = site_asked()
    book = writing.rule_book(gavel().database, site_id)
    rule = _typed(writing.key_for(request.form.get("name", ""), [rule.key for rule in book.rules]))
    try:
        writing.put_rule(gavel().database, site_id, rule, by=actors.person(me()), now=utc_now())
    except InvalidInput as e:
        return _book(site_id, request.form, e.problems)
    return redirect(url_for("desk.rule", key=rule.key, site=site_id), HTTPStatus.SEE_OTHER)


@routes.post("/rules/order", role=Role.LEAD)
def order_rules() -> Response:
    """Orders the rules by the numbers beside the rules; equal ones stay as they were."""
    site_id = site_asked()
    book = writing.rule_book(gavel().database, site_id)
    places = {rule.key: whole(request.form.get(f"place-{rule.key}", "")) for rule in book.rules}
    keys = sorted(places, key=lambda key: places[key] or len(places))
    writing.order_rules(gavel().database, site_id, keys, by=actors.person(me()), now=utc_now())
    return redirect(url_for("desk.rules", site=site_id), HTTPStatus.SEE_OTHER)


@routes.get(RULE, role=Role.MODERATOR, endpoint="rule")
def show_rule(key: str) -> Response:
    return _rule(site_asked(), key)


@routes.post(RULE, role=Role.LEAD)
def save_rule(key: str) -> Response:
    """The words of the rule, unless somebody else changed them since the page was made."""
    site_id, now = site_asked(), utc_now()
    expected = whole(request.form.get("version", "")) or 0
    try:
        writing.put_rule(gavel().database, site_id, _typed(key), by=actors.person(me()), now=now, expected=expected)
    except InvalidInput as e:
        return _rule(site_id, key, request.form, e.problems)
    return _back(site_id, key)


@routes.post(f"{RULE}/remove", role=Role.LEAD)
def remove_rule(key: str) -> Response:
    site_id = site_asked()
    writing.remove_rule(gavel().database, site_id, key, by=actors.person(me()), now=utc_now())
    return redirect(url_for("desk.rules", site=site_id), HTTPStatus.SEE_OTHER)


@routes.post(f"{RULE}/cases", role=Role.LEAD)
def add_case(key: str) -> Response:
    site_id, now, form = site_asked(), utc_now(), request.form
    text, title, why = (_text(form, name) for name in ("text", "title", "why"))
    case = RuleCase(new_id(), text, must_asked(), now, str(actors.person(me())), title, why=why)
    try:
        writing.add_case(gavel().database, site_id, key, case, by=actors.person(me()), now=now)
    except InvalidInput as e:
        return _rule(site_id, key, form, e.problems)
    return _back(site_id, key)


@routes.post(f"{RULE}/cases/<uuid:case_id>/remove", role=Role.LEAD)
def remove_case(key: str, case_id: object) -> Response:
    site_id = site_asked()
    writing.remove_case(gavel().database, site_id, str(case_id), by=actors.person(me()), now=utc_now())
    return _back(site_id, key)


def refused_file(site_id: str, problems: Sequence[FieldProblem]) -> Response:
    """The book as it is, with what is wrong with the file."""
    return _book(site_id, problems=problems)


def must_asked() -> Must:
    """Raises InvalidInput."""
    asked = request.form.get("must", "")
    if asked not in set(Must):
        raise InvalidInput(FieldProblem("must", N_("choose what must happen to it")))
    return Must(asked)


def _typed(key: str) -> HouseRule:
    form = request.form
    name, sentence = (" ".join(form.get(field, "").split()) for field in ("name", "sentence"))
    return HouseRule(key, name, sentence, _text(form, "guidance"), form.get("reason") or None)


def _text(form: Mapping[str, str], name: str) -> str:
    return form.get(name, "").replace("\r\n", "\n").strip()


def _back(site_id: str, key: str) -> Response:
    return redirect(url_for("desk.rule", key=key, site=site_id, saved=1), HTTPStatus.SEE_OTHER)


def _book(site_id: str, form: Mapping[str, str] | None = None, problems: Sequence[FieldProblem] = ()) -> Response:
    with gavel().database.read() as conn:
        book = store.read(conn, site_id)
        versions = store.versions(conn, site_id, limit=VERSIONS)
        names = queue.site_names(conn, my_sites())
        reasons = sites.get_site(conn, site_id).settings.rejection_reasons
    return page(
        "desk/rules/rules.html",
        status=_status(problems),
        site_id=site_id,
        site_names=names,
        book=book,
        readiness={rule.key: wording.readiness(rule) for rule in book.rules},
        versions=versions,
        **_form(site_id, reasons, form or {}, problems),
    )


def _rule(
    site_id: str, key: str, form: Mapping[str, str] | None = None, problems: Sequence[FieldProblem] = ()
) -> Response:
    """The rule's page; with problems it shows the forms as they were filled in. Raises NotFound."""
    with gavel().database.read() as conn:
        book = store.read(conn, site_id)
        settings = sites.get_site(conn, site_id).settings
    rule = book.find(key)
    if rule is None:
        raise NotFound("rule", key)
    words = {"name": rule.name, "sentence": rule.sentence, "guidance": rule.guidance, "reason": rule.reason or ""}
    return page(
        "desk/rules/rule.html",
        title=rule.name,
        status=_status(problems),
        site_id=site_id,
        book=book,
        rule=rule,
        readiness=wording.readiness(rule),
        cases={must: rule.cases_that_must(must) for must in Must},
        musts=wording.must_words(),
        origins=wording.origin_words(),
        **_form(site_id, settings.rejection_reasons, {**words, **(form or {})}, problems),
    )


def _form(
    site_id: str, reasons: Sequence[str], given: Mapping[str, str], problems: Sequence[FieldProblem]
) -> dict[str, object]:
    return {
        "given": given,
        "reasons": reasons,
        "problems": wording.problems_in_words(problems),
        "limits": limits,
        "fewest": FEWEST_CASES,
        "is_saved": "saved" in request.args,
        "may_write": site_id in sites_where(me(), Role.LEAD),
        "no_reason": gettext("None"),
    }


def _status(problems: Sequence[FieldProblem]) -> int:
    return HTTPStatus.UNPROCESSABLE_ENTITY if problems else HTTPStatus.OK
