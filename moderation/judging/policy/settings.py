"""The settings for how far a site trusts the scores in each language."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator

from moderation.ground.declaring import Heading, Refused, SettingGroup, checked_by, different
from moderation.ground.errors import said
from moderation.ground.values.policies import SiteLanguages
from moderation.judging.text.language_names import NAMES

MAX_LANGUAGES = 50


class LanguageTrust(StrEnum):
    """How far a site trusts the scores in one language."""

    BY_MODEL = "by_model"  # as the measurements of the weights say
    TRUSTED = "trusted"  # the policy decides although the scores only advise
    HELD = "held"  # every comment goes to a person


def _code_problems(codes: tuple[str, ...]) -> Iterator[str]:
    unknown = next((code for code in codes if code not in NAMES), None)
    if unknown is not None:
        yield said(
            "must be ISO 639 codes in lower case, such as de: “%(code)s” is none that Gavel knows", code=unknown[:20]
        )


Codes = Annotated[
    tuple[Annotated[str, Field(max_length=3)], ...],
    Field(max_length=MAX_LANGUAGES),
    checked_by(_code_problems),
    checked_by(different),
]


class LanguageSettings(SettingGroup):
    """The languages in which people decide more or less than the measurements ask."""

    about = Heading("Languages", "policy.md#languages")

    trusted_languages: Annotated[
        Codes,
        Field(title="Languages in which the policy decides although the scores only advise"),
    ] = ()
    held_languages: Annotated[Codes, Field(title="Languages whose comments all go to a moderator")] = ()

    @property
    def languages(self) -> SiteLanguages:
        """How far the site trusts the scores, by language."""
        return SiteLanguages(frozenset(self.trusted_languages), frozenset(self.held_languages))

    def trust_in(self, language: str) -> LanguageTrust:
        """``language`` is an ISO 639 code."""
        if language in self.held_languages:
            return LanguageTrust.HELD
        return LanguageTrust.TRUSTED if language in self.trusted_languages else LanguageTrust.BY_MODEL

    @field_validator("held_languages")
    @classmethod
    def _none_is_trusted_too(cls, held: tuple[str, ...], others: ValidationInfo) -> tuple[str, ...]:
        both = sorted(set(held) & set(others.data.get("trusted_languages", ())))
        if both:
            raise Refused(said("must have no language that is trusted, too: %(code)s", code=both[0]))
        return held
