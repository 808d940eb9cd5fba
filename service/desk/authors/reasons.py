"""A site's reasons for rejection and its ladder, for leads: order, wordings, what counts against authors, messages, and
grounds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from moderation.ground.errors import FieldProblem, InvalidInput
from moderation.ground.values.measures import SANCTIONS, Measure
from moderation.ground.wording import sentences
from moderation.judging.text.language_names import NAMES as LANGUAGES
from moderation.moderators.queue import rows as queue
from moderation.sites import rows as store
from moderation.sites import sites
from moderation.sites.audit import actors
from moderation.sites.people.roles import Role
from moderation.sites.settings import rejection_reasons
from moderation.sites.settings.eu_terms import AGAINST_THE_RULES
from moderation.sites.settings.grounds import MAX_PROVISION_CHARS, MAX_TEXT_CHARS, Ground, GroundKind
from moderation.sites.settings.ladder import MAX_STEPS, Climb, Ladder, Step
from moderation.sites.settings.rejection_reasons import (
    MAX_MESSAGE_CHARS,
    MAX_REASONS,
    MAX_WORDING_CHARS,
    Details,
    ReasonDetails,
)
from moderation.sites.settings.values import SiteSettings
from service.context import gavel, utc_now
from service.desk.authors import eu_categories, eu_keywords
from service.desk.frame.rendering import me, my_sites, page, site_asked
from service.desk.frame.routes import Routes
from service.desk.frame.sentences.numbers import whole
from service.desk.review import author_card
from service.languages.wording import N_, gettext

routes = Routes(under="reasons")

OFF = "off"
FORMS, NEW_FORMS = 6, 3  # at least so many on the page, and so many for new reasons


Texts = Mapping[str, str]
"""By language, as ISO 639 codes."""


@dataclass(frozen=True, slots=True)
class ReasonRow:
    """A reason as the form has it, with a field for each language."""

    name: str = ""
    counts: bool = False
    wordings: Texts = field(default_factory=dict)
    messages: Texts = field(default_factory=dict)
    kind: str = GroundKind.HOUSE_RULE
    provision: str = ""
    texts: Texts = field(default_factory=dict)
    category: str = AGAINST_THE_RULES
    keywords: tuple[str, ...] = ()

    @property
    def languages(self) -> tuple[str, ...]:
        return (*self.wordings, *self.messages, *self.texts)


@routes.get("/reasons", role=Role.LEAD, title=N_("Reasons"), place=72, endpoint="reasons")
def show() -> Response:
    site_id = site_asked()
    with gavel().database.read() as conn:
        settings = store.get_site(conn, site_id).settings
    return _screen(site_id, _rows(settings), _ladder_fields(settings.author_ladder))


@routes.post("/reasons", role=Role.LEAD)
def save_reasons() -> Response:
    """Saves reasons and ladder together, or neither. With ``show`` it saves nothing, and adds fields for a language."""
    site_id = site_asked()
    rows = _typed_rows()
    if "show" in request.form:
        return _screen(site_id, rows, request.form)
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
    words, languages = author_card.measure_words(), _languages(rows)
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
        keywords=eu_keywords.in_words(),
        languages=languages,
        other_languages=[code for code in LANGUAGES if code not in languages],
        most_wording=MAX_WORDING_CHARS,
        most_message=MAX_MESSAGE_CHARS,
        most_text=MAX_TEXT_CHARS,
        most_provision=MAX_PROVISION_CHARS,
        problems=problems,
        is_saved="saved" in request.args,
    )


def _rows(settings: SiteSettings) -> list[ReasonRow]:
    rows = []
    for name in settings.rejection_reasons:
        said = rejection_reasons.details_of(settings.reason_details, name)
        ground = rejection_reasons.ground_of(settings.reason_details, name)
        of_ground = (ground.kind, ground.provision or "", ground.texts, ground.category, ground.keywords)
        rows.append(ReasonRow(name, said.counts_against_author, said.wordings, said.messages, *of_ground))
    return rows


def _languages(rows: Sequence[ReasonRow]) -> list[str]:
    """Those that have a field: all that readers' sentences come in, then the others in which something is written."""
    shown = dict.fromkeys(sentences.LANGUAGES)
    return [
        *(shown | dict.fromkeys(code for row in rows for code in row.languages) | dict.fromkeys(_typed_languages()))
    ]


def _typed_languages() -> list[str]:
    """Of the form that was sent: those of its fields, and the one to be added."""
    return [*request.form.get("languages", "").split(), *filter(None, [request.form.get("language")])]


def _typed_rows() -> list[ReasonRow]:
    """Those that have a name, in the order of their numbers, where they have some."""
    form = request.form
    placed = []
    for index in range(MAX_REASONS):
        if name := form.get(f"name-{index}", "").strip():
            row = ReasonRow(
                name,
                f"counts-{index}" in form,
                _typed_texts("wordings", index),
                _typed_texts("messages", index),
                form.get(f"kind-{index}", ""),
                form.get(f"provision-{index}", ""),
                _typed_texts("texts", index),
                form.get(f"category-{index}", ""),
                tuple(form.getlist(f"keywords-{index}")),
            )
            placed.append((whole(form.get(f"place-{index}", "")) or index + 1, index, row))
    return [row for _place, _index, row in sorted(placed, key=lambda numbered: numbered[:2])]


def _typed_texts(name: str, index: int) -> Texts:
    """Without those that are empty. A browser sends the ends of lines in its own way."""
    typed = {code: request.form.get(f"{name}-{index}-{code}", "") for code in _typed_languages()}
    return {code: text.replace("\r\n", "\n").strip() for code, text in typed.items() if text.strip()}


def _reasons(rows: Sequence[ReasonRow]) -> tuple[tuple[str, ...], Details]:
    details = {}
    for row in rows:
        said = ReasonDetails(row.wordings, row.counts, row.messages, _ground(row))
        if said != rejection_reasons.details_of({}, row.name):  # what Gavel says of its own reasons may improve
            details[row.name] = said
    return tuple(row.name for row in rows), details


def _ground(row: ReasonRow) -> Ground | None:
    """None for the one that comes with Gavel. The settings check the rest."""
    kind = GroundKind.LAW if row.kind == GroundKind.LAW else GroundKind.HOUSE_RULE
    ground = Ground(row.texts, kind, row.provision.strip() or None, row.category, row.keywords)
    shipped = rejection_reasons.ground_of({row.name: ReasonDetails(row.wordings)}, row.name)
    return ground if ground != shipped else None


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
