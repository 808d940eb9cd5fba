"""Days as the readers' languages write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from babel.dates import format_date

from moderation.ground.wording import days, sentences
from moderation.ground.wording.sentences import LANGUAGES

NEW_YEAR = datetime(2028, 1, 1, 12, tzinfo=UTC)  # of a leap year


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_day_of_a_year_is_written_as_the_language_does(language: str) -> None:
    locale = {"en": "en_GB", "pt": "pt_PT"}.get(language, language)
    moments = [NEW_YEAR + timedelta(days=number) for number in range(366)]

    written = [days.in_words(moment, language) for moment in moments]

    ours = [day.replace("1er ", "1 ") if language == "fr" else day for day in written]  # as newspapers write it
    assert ours == [format_date(moment, "long", locale=locale) for moment in moments]
    assert len(set(written)) == 366


def test_the_day_is_that_of_utc() -> None:
    late = datetime(2026, 3, 3, 1, tzinfo=timezone(timedelta(hours=2)))

    assert sentences.day(late, "es") == "2 de marzo de 2026"
    with pytest.raises(KeyError):
        days.in_words(late, "xx")
