"""The words of the comment box in one language, for what Gavel words itself: pages without a script, and refusals."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from babel import Locale
from babel.dates import format_datetime
from babel.numbers import format_decimal
from flask import request

from moderation.ground.wording import sentences
from moderation.ground.wording.sentences import Sentences
from moderation.sites import own_texts
from service.context import gavel


@dataclass(frozen=True, slots=True)
class Words(Sentences):
    """The box's texts in a language, and its way with numbers and dates."""

    def count(self, number: int) -> str:
        form = Locale.parse(self.language).plural_form(number) if number else "none"
        text = self.texts.get(f"count_{form}") or self.texts["count_many"]
        return text.replace("{count}", self.number(number))

    def number(self, number: int) -> str:
        return str(format_decimal(number, locale=self.language))

    def answering(self, name: str) -> str:
        return self.say("answering", name=name)

    def closed_until(self, at: datetime) -> str:
        return self.say("closed_until_mode", until=self.moment(at))

    def moment(self, at: datetime) -> str:
        return f"{format_datetime(at, 'medium', locale=self.language)} UTC"


def preferred() -> str:
    """The one of our languages that the request's reader likes best."""
    return str(request.accept_languages.best_match(sentences.LANGUAGES, default=sentences.ENGLISH))


def of(site_id: str, language: str) -> Words:
    """Ours, with those that the site words itself. ``language`` is one that the box speaks."""
    return Words(language, {**sentences.ours(language), **own_texts.of(gavel().database, site_id, language)})
