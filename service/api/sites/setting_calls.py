"""Calls that read and set a site's settings, in groups and all together. A new setting is a further field of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel

from moderation.ground.declaring import SettingGroup
from moderation.ground.errors import FieldProblem, InvalidInput
from moderation.insight.checks.settings import CheckSettings
from moderation.judging.policy.settings import LanguageSettings
from moderation.pipeline.arriving.settings import PostingSettings
from moderation.pipeline.waiting.settings import OutageSettings
from moderation.readers.pages.settings import PageSettings
from moderation.sites.keys import Scope
from moderation.sites.settings.declarations import Declaration
from moderation.sites.settings.values import DECLARED, SiteSettings
from service.api import responses, views
from service.api.sites import own_settings
from service.api.sites.setting_bodies import body
from service.auth import needs

setting_calls = APIBlueprint("setting_calls", __name__, url_prefix="/v1", abp_tags=[Tag(name="Site")])


FOR_PEOPLE = "can be changed by a person only: at the desk, or with `gavel site set`"
REFUSALS = (400, 413, 415, 422)


@dataclass(frozen=True, slots=True)
class Call:
    """Reads and sets the settings of a group. ``read`` and ``write`` are the summaries of both operations. The example
    has the fields that a body must have: those of the first version, none for a PATCH."""

    path: str
    group: type[SettingGroup]
    schema: str
    meaning: str
    read: str
    write: str
    example: Mapping[str, Any]
    nullable: Collection[str] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    method: str = "put"

    def body(self, settings: Mapping[str, Declaration]) -> type[BaseModel]:
        """As ``setting_bodies.body`` has it."""
        return body(
            self.schema,
            self.meaning,
            settings.values(),
            required=[n for n in settings if self.method == "put" and self.names.get(n, n) in self.example],
            nullable=self.nullable,
            names=self.names,
            example=self.example,
        )


CALLS = (
    Call(
        "/site/failure-policy",
        OutageSettings,
        "FailurePolicy",
        "The treatment of comments that have waited longer than the site's patience because scoring is down.",
        "Read what happens while scoring is down",
        "Set what happens while scoring is down\n\n"
        "The change takes effect at the next sweep. The audit trail records it.",
        {"patience_s": 600, "when_down": "hold"},
        names={"when_scoring_is_down": "when_down"},
    ),
    Call(
        "/site/author-limits",
        PostingSettings,
        "AuthorLimits",
        "How fast one reader may write.",
        "Read how fast one reader may write",
        "Set how fast one reader may write\n\nIt holds from the next comment on. Batches are not counted.",
        {"comments_per_author_per_minute": 5},
        nullable=("reader_edit_minutes",),
    ),
    Call(
        "/site/origins",
        PageSettings,
        "Origins",
        "The origins whose pages may read what is public, with a key for browsers.",
        "Read which pages may read what is public",
        "Set which pages may read what is public\n\nBrowsers hear of it within five seconds.",
        {"origins": ["https://news.example"]},
    ),
    Call(
        "/site/languages",
        LanguageSettings,
        "Languages",
        "ISO 639 codes in lower case, without region.",
        "Read how far the site trusts the scores by language",
        "Set how far the site trusts the scores by language\n\n"
        "It holds from the next scored comment on. A language that no model knows goes to a person even if it is "
        "trusted.",
        {"trusted_languages": ["fr"], "held_languages": ["tr"]},
    ),
    Call(
        "/site/checks",
        CheckSettings,
        "Checks",
        "Checks at random, and the targets that they are compared with.",
        "Read how much is checked at random, and the targets",
        "Set how much is checked at random, and the targets\n\nIt holds from the next decision on.",
        {name: DECLARED[name].default for name in CheckSettings.model_fields},
    ),
    Call(
        "/site/settings",
        SettingGroup,
        "Settings",
        "All settings but secrets, those that only operators set, and those with calls of their own for their parts.",
        "Read the settings",
        "Change the settings that you name\n\nThe others stay as they are. Only people change those of appeals and of "
        "notices of illegal content, at the desk or with `gavel site set`.",
        {"read_per_day": 200},
        method="patch",
    ),
)


def _serve(call: Call) -> None:
    settings = {n: s for n, s in DECLARED.items() if s.is_open and issubclass(s.group, call.group)}
    api_names = {name: call.names.get(name, name) for name in settings}
    form = call.body(settings)

    def read() -> Response:
        return views.reply(_answer(form, api_names, own_settings.read()))

    def write(body: BaseModel) -> Response:
        given = {name: getattr(body, named) for name, named in api_names.items() if named in body.model_fields_set}
        in_force = own_settings.read()
        _refuse_what_is_for_people(settings[name] for name in given if given[name] != getattr(in_force, name))
        changes = {name: value for name, value in given.items() if value is not None or name not in call.nullable}
        return views.reply(_answer(form, api_names, own_settings.change(**changes)))

    write.__annotations__["body"] = form
    for method, view, meaning, refusals in (("get", read, call.read, ()), (call.method, write, call.write, REFUSALS)):
        view.__name__, view.__doc__ = f"{method}_{call.schema}", meaning
        route = getattr(setting_calls, method)
        answers = {200: form, **responses.problems(*refusals)}
        route(call.path, operation_id=f"{method}{call.schema}", responses=answers)(needs(Scope.MODERATE)(view))


def _refuse_what_is_for_people(changed: Iterable[Declaration]) -> None:
    if problems := [FieldProblem(setting.name, FOR_PEOPLE) for setting in changed if setting.group.is_for_people]:
        raise InvalidInput(*problems)


def _answer(form: type[BaseModel], api_names: Mapping[str, str], settings: SiteSettings) -> BaseModel:
    return form.model_construct(**{named: getattr(settings, name) for name, named in api_names.items()})


for _call in CALLS:
    _serve(_call)
