"""Duties: the people of the site who know best what is held for a reason, as the site's own program reads and names
them."""

from __future__ import annotations

from typing import Annotated

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.engine import Connection

from moderation.judging.policy import documents
from moderation.moderators.queue.desk import duties, duty_rows
from moderation.sites import rows as sites
from moderation.sites.keys import Scope
from moderation.sites.people import rows as people
from service.api import responses, views
from service.api.fields import Line, Strict
from service.auth import caller, current_key, needs
from service.context import gavel, utc_now

site_duties = APIBlueprint("site_duties", __name__, url_prefix="/v1", abp_tags=[Tag(name="Site")])

MOST_PEOPLE = 1_000


class DutyPath(Strict):
    reason: Annotated[str, Field(description="One of `reasons`", max_length=100)]


class NamedPeople(Strict):
    """These people and nobody else; with none the duty ends."""

    model_config = ConfigDict(json_schema_extra={"example": {"people": []}})

    people: Annotated[list[Line], Field(description="Their ids", max_length=MOST_PEOPLE)]


class SitePerson(BaseModel):
    id: str
    name: str
    role: str


class NamedPerson(BaseModel):
    id: str
    name: str


class Duty(BaseModel):
    """`decided_by_all` while nobody of its people has been at the desk for `duty_minutes`."""

    reason: str
    people: list[NamedPerson]
    decided_by_all: bool


class Duties(BaseModel):
    """`people` and `reasons` are all that a duty can name: those who work for the site, and what its policy holds
    comments for."""

    duties: list[Duty]
    people: list[SitePerson]
    reasons: list[str]


@site_duties.get("/site/duties", operation_id="getDuties", responses={200: Duties, **responses.problems()})
@needs(Scope.MODERATE)
def get_duties() -> Response:
    """Read who is on duty for which kind of comment"""
    with gavel().database.read() as conn:
        return views.reply(_shown(conn, current_key().site_id))


@site_duties.put(
    "/site/duties/<reason>",
    operation_id="setDuty",
    responses={200: Duties, **responses.problems(400, 413, 415, 422)},
)
@needs(Scope.MODERATE)
def set_duty(path: DutyPath, body: NamedPeople) -> Response:
    """Name the people who know best what is held for a reason

    Their queue at the desk begins with it, and others are led past it.
    """
    site_id = current_key().site_id
    duties.name_people(gavel().database, site_id, path.reason, body.people, by=caller(), now=utc_now())
    with gavel().database.read() as conn:
        return views.reply(_shown(conn, site_id))


def _shown(conn: Connection, site_id: str) -> Duties:
    policy = sites.current_policy(conn, site_id)
    now = utc_now()
    return Duties(
        duties=[
            Duty(
                reason=duty.reason,
                people=[NamedPerson(id=person.id, name=person.name) for person in duty.people],
                decided_by_all=duties.is_absent(conn, duty, now=now),
            )
            for duty in duty_rows.duties_of(conn, [site_id])
        ],
        people=[SitePerson(id=p.id, name=p.name, role=p.role) for p in people.people_of(conn, site_id)],
        reasons=sorted(duties.reasons_of(documents.parse(policy.document, policy.version))),
    )
