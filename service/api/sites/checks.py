"""How much a site checks at random, and how many errors it accepts."""

from __future__ import annotations

from typing import Annotated, Any

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import ConfigDict, Field, StrictInt

from moderation.sites.keys import Scope
from moderation.sites.settings.limits import MAX_CHECK_SHARE, MAX_CHECKS_PER_DAY, MAX_READ_PER_DAY, MAX_WRONG, MIN_WRONG
from moderation.sites.settings.values import SiteSettings
from service.api import responses, views
from service.api.fields import Strict
from service.api.sites import own_settings
from service.auth import needs

site_checks = APIBlueprint("site_checks", __name__, url_prefix="/v1", abp_tags=[Tag(name="Site")])

EXAMPLE: dict[str, Any] = {
    "check_share": 0.01,
    "check_most_per_day": 40,
    "most_wrong_published": 0.01,
    "most_wrong_rejected": 0.02,
    "read_per_day": 300,
}


class Checks(Strict):
    """Checks at random, and the wishes that they are compared with."""

    model_config = ConfigDict(json_schema_extra={"example": EXAMPLE})

    check_share: Annotated[
        float,
        Field(ge=0, le=MAX_CHECK_SHARE, strict=True, description="Of the policy's decisions; 0 checks none"),
    ]
    check_most_per_day: Annotated[StrictInt, Field(ge=0, le=MAX_CHECKS_PER_DAY, description="Within 24 hours")]
    most_wrong_published: Annotated[
        float,
        Field(ge=MIN_WRONG, le=MAX_WRONG, strict=True, description="Share of what is published without a person"),
    ]
    most_wrong_rejected: Annotated[
        float, Field(ge=MIN_WRONG, le=MAX_WRONG, strict=True, description="Share of what is rejected by rule")
    ]
    read_per_day: Annotated[StrictInt, Field(ge=1, le=MAX_READ_PER_DAY, description="Comments that people can read")]


@site_checks.get("/site/checks", operation_id="getChecks", responses={200: Checks, **responses.problems()})
@needs(Scope.MODERATE)
def get_checks() -> Response:
    """Read how much is checked at random, and the wishes"""
    return views.reply(_checks(own_settings.read()))


@site_checks.put(
    "/site/checks", operation_id="putChecks", responses={200: Checks, **responses.problems(400, 413, 415, 422)}
)
@needs(Scope.MODERATE)
def put_checks(body: Checks) -> Response:
    """Set how much is checked at random, and the wishes

    It holds from the next decision on.
    """
    return views.reply(_checks(own_settings.change(**body.model_dump())))


def _checks(settings: SiteSettings) -> Checks:
    return Checks(**{name: getattr(settings, name) for name in EXAMPLE})
