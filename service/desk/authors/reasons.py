"""A site's reasons for rejection and its ladder, for leads: order, wordings, what counts against authors, messages, and
grounds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from moderation.ground.errors import FieldProblem, InvalidInput
from moderation.ground.values.measures import SANCTIONS, Measure
from moderation.moderators.queue import rows as queue
from moderation.sites import rows as store
from moderation.sites import sites
from moderation.sites.audit import actors
from moderation.sites.people.roles import Role
from moderation.sites.settings import rejection_reasons
from moderation.sites.settings.eu_terms import AGAINST_THE_RULES, KEYWORD
from moderation.sites.settings.grounds import MAX_PROVISION_CHARS, Ground, GroundKind
from moderation.sites.settings.ladder import MAX_STEPS, Climb, Ladder, Step
from moderation.sites.settings.rejection_reasons import MAX_REASONS, Details, ReasonDetails
from moderation.sites.settings.values import SiteSettings
from service.context import gavel, utc_now
from service.desk.authors import eu_categories
from service.desk.frame.rendering import me, my_sites, page, site_asked
from service.desk.frame.routes import Routes
from service.desk.frame.sentences.numbers import whole
from service.desk.review import author_card
from service.languages.wording import N_, gettext

routes = Routes(under="reasons")

OFF = "off"
FORMS, NEW_FORMS = 6, 3  # at least so many on the page, and so many for new reasons


@dataclass(frozen=True, slots=True)
class ReasonRow:
    """A reason as the form has it: one language a line."""

    name: str = ""
    counts: bool = False
    wordings: str = ""
    messages: str = ""
    kind: str = GroundKind.HOUSE_RULE
    provision: str = ""
    texts: str = ""
    category: str = AGAINST_THE_RULES
    keywords: str = ""  # with commas between them, without what all begin with


@routes.get("/reasons", role=Role.LEAD, title=N_("Reasons"), place=72, endpoint="reasons")
def show() -> Response:
    site_id = site_asked()
    with gavel().database.read() as conn:
        settings = store.get_site(conn, site_id).settings
    return _screen(site_id, _rows(settings), _ladder_fields(settings.author_ladder))


@routes.post("/reasons", role=Role.LEAD)
def save_reasons() -> Response:
    """Saves reasons and ladder together, or neither."""
    site_id = site_asked()
    rows = _typed_rows()
    try:
        names, details = _reasons(rows)
        changes: dict[str, Any] = {
            "rejection_reasons": names,
            "reason_details": details,
            "author_ladder": _ladder(request.form),
        }
        sites.change_settings(gavel().database, site_id, by=actors.person(me()), now=utc_now(), **changes)
    except InvalidInput as e:
        return _screen(site_id, rows, request.form, problems=e.problems)
    return redirect(url_for("desk.reasons", site=site_id, saved=1), HTTPStatus.SEE_OTHER)


def _screen(
    site_id: str, rows: Sequence[ReasonRow], ladder: Mapping[str, str], *, problems: Sequence[FieldProblem] = ()
) -> Response:
    with gavel().database.read() as conn:
        names = queue.site_names(conn, my_sites())
    words = author_card.measure_words()
    return page(
        "desk/authors/reasons.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if problems else HTTPStatus.OK,
        site_id=site_id,
        site_names=names,
        rows=[*rows, *([ReasonRow()] * min(MAX_REASONS - len(rows), max(NEW_FORMS, FORMS - len(rows))))],
        ladder=ladder,
        steps=range(MAX_STEPS),
        climbs={
            OFF: gettext("There is no ladder"),
            Climb.PROPOSED: gettext("It proposes the next step to moderators, beside the comment"),
            Climb.APPLIED: gettext("Gavel takes the next step by itself"),
        },
        measures={measure: words[measure] for measure in SANCTIONS},
        placeholders=[f"{{{name}}}" for name in rejection_reasons.PLACEHOLDERS],
        kinds={GroundKind.HOUSE_RULE: gettext("A house rule"), GroundKind.LAW: gettext("A law")},
        categories=eu_categories.in_words(),
        most_provision=MAX_PROVISION_CHARS,
        problems=problems,
        is_saved="saved" in request.args,
    )


def _rows(settings: SiteSettings) -> list[ReasonRow]:
    rows = []
    for name in settings.rejection_reasons:
        said = rejection_reasons.details_of(settings.reason_details, name)
        ground = rejection_reasons.ground_of(settings.reason_details, name)
        rows.append(
            ReasonRow(name, said.counts_against_author, _lines(said.wordings), _lines(said.messages), *_typed(ground))
        )
    return rows


def _typed(ground: Ground) -> tuple[str, str, str, str, str]:
    """The fields of a ground in the order that ``ReasonRow`` has them."""
    keywords = ", ".join(word.removeprefix(KEYWORD) for word in ground.keywords)
    return ground.kind, ground.provision or "", _lines(ground.texts), ground.category, keywords


def _lines(texts: Mapping[str, str]) -> str:
    """``de: Beleidigung``, a language a line; a line end within a text becomes a space in a list of languages."""
    return "\n".join(f"{code}: {' '.join(text.split())}" for code, text in texts.items())


def _typed_rows() -> list[ReasonRow]:
    """Those that have a name, in the order of their numbers, where they have some."""
    form = request.form
    placed = []
    for index in range(MAX_REASONS):
        if name := form.get(f"name-{index}", "").strip():
            typed = {field: form.get(f"{field}-{index}", "") for field in _TYPED}
            row = ReasonRow(name, f"counts-{index}" in form, **typed)
            placed.append((whole(form.get(f"place-{index}", "")) or index + 1, index, row))
    return [row for _place, _index, row in sorted(placed, key=lambda numbered: numbered[:2])]


_TYPED = ("wordings", "messages", "kind", "provision", "texts", "category", "keywords")


def _reasons(rows: Sequence[ReasonRow]) -> tuple[tuple[str, ...], Details]:
    details = {}
    for row in rows:
        wordings, messages = _texts(row, row.wordings), _texts(row, row.messages)
        said = ReasonDetails(wordings, row.counts, messages, _ground(row, wordings))
        if said != rejection_reasons.details_of({}, row.name):  # what Gavel says of its own reasons may improve
            details[row.name] = said
    return tuple(row.name for row in rows), details


def _ground(row: ReasonRow, wordings: Mapping[str, str]) -> Ground | None:
    """None for the one that comes with Gavel. The settings check the rest."""
    kind = GroundKind.LAW if row.kind == GroundKind.LAW else GroundKind.HOUSE_RULE
    words = filter(None, map(str.strip, row.keywords.upper().split(",")))
    keywords = tuple(f"{KEYWORD}{word.removeprefix(KEYWORD)}" for word in words)
    ground = Ground(_texts(row, row.texts), kind, row.provision.strip() or None, row.category, keywords)
    shipped = rejection_reasons.ground_of({row.name: ReasonDetails(wordings)}, row.name)
    return ground if ground != shipped else None


def _texts(row: ReasonRow, typed: str) -> dict[str, str]:
    """Raises InvalidInput for a line without a language."""
    texts = {}
    for line in filter(None, map(str.strip, typed.splitlines())):
        code, colon, text = line.partition(":")
        if not colon or not text.strip() or code.strip().lower() in texts:
            said = gettext("%(name)s: write each language once, on a line such as “de: Beleidigung”", name=row.name)
            raise InvalidInput(FieldProblem("reason_details", said))
        texts[code.strip().lower()] = text.strip()
    return texts


def _ladder(form: Mapping[str, str]) -> Ladder | None:
    """Raises InvalidInput for numbers that are none; the settings check the rest."""
    climb = form.get("climb", OFF)
    if climb not in set(Climb):
        return None
    steps = []
    for index in range(MAX_STEPS):
        measure, days = form.get(f"measure-{index}", ""), form.get(f"days-{index}", "").strip()
        if measure in set(Measure):
            steps.append(Step(Measure(measure), _number(days, "author_ladder") if days else None))
    rejections, within = form.get("rejections", "").strip(), form.get("within_days", "").strip()
    return Ladder(_number(rejections, "author_ladder"), _number(within, "author_ladder"), tuple(steps), Climb(climb))


def _number(typed: str, field: str) -> int:
    number = whole(typed)
    if number is None:
        raise InvalidInput(FieldProblem(field, gettext("the ladder needs whole numbers")))
    return number


def _ladder_fields(ladder: Ladder | None) -> dict[str, str]:
    """The form's fields; an example that is off for a site without a ladder."""
    steps = (Step(Measure.HOLD, 7), Step(Measure.SUSPEND, 7), Step(Measure.BAN))
    shown = ladder or Ladder(3, 30, steps)
    fields = {
        "climb": ladder.climb.value if ladder else OFF,
        "rejections": str(shown.rejections),
        "within_days": str(shown.within_days),
    }
    for index, step in enumerate(shown.steps):
        fields |= {f"measure-{index}": step.measure.value, f"days-{index}": str(step.days or "")}
    return fields
