"""Bodies of calls about a site's settings, made of the settings' declarations."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Annotated, Any

from pydantic import AliasChoices, BaseModel, Field, create_model
from pydantic import Strict as StrictType

from moderation.sites.settings.declarations import Declaration
from service.api.fields import Strict


def body(
    schema: str,
    meaning: str,
    settings: Iterable[Declaration],
    *,
    required: Collection[str],
    nullable: Collection[str] = (),
    names: Mapping[str, str] | None = None,
    example: Mapping[str, Any],
) -> type[Strict]:
    """A field for each of the settings. Those that are not ``required`` may be left out, and stay as they are then; a
    null leaves a ``nullable`` one as it is, too. ``names`` are the API's, where they are not the settings'."""
    fields: dict[str, Any] = {
        (names or {}).get(setting.name, setting.name): _field(
            setting, setting.name in required, setting.name in nullable
        )
        for setting in settings
    }
    base = type(schema, (Strict,), {"model_config": {"json_schema_extra": {"example": dict(example)}}})
    return create_model(schema, __base__=base, __doc__=meaning, __module__=__name__, **fields)


def answer(settings: Iterable[Declaration]) -> type[BaseModel]:
    """The settings in force, each with its former name beside it."""
    fields: dict[str, Any] = {}
    for setting in settings:
        fields[setting.name] = (setting.field.annotation, Field(description=setting.said))
    for setting in settings:
        if former := setting.setting.former:
            meaning = f"The former name of `{setting.name}`. Sent until 1.1"
            kind: Any = setting.field.annotation
            fields[former] = (kind | None, Field(description=meaning, json_schema_extra={"deprecated": True}))
    return create_model("InForce", **fields)


def _field(setting: Declaration, is_required: bool, is_nullable: bool) -> tuple[Any, Any]:
    kind: Any = setting.field.annotation
    limits = (*setting.field.metadata, *((StrictType(),) if setting.kind in (bool, int, float) else ()))
    described: dict[str, Any] = {"description": setting.said}
    if former := setting.setting.former:
        described["validation_alias"] = AliasChoices(setting.name, former)
    if not is_required:
        described["default"] = None if is_nullable else setting.default
    if not is_required and not is_nullable:
        described["json_schema_extra"] = _without_default
    return Annotated[(kind | None if is_nullable else kind, *limits)], Field(**described)


def _without_default(schema: dict[str, Any]) -> None:
    """A field that may be left out needs no default: generated clients would take it for always sent."""
    schema.pop("default", None)
