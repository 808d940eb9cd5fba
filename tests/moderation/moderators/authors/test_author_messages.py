"""Messages to authors: whole in every language that we have, and the site's own words where it has some."""

from __future__ import annotations

import pytest

from moderation.ground.values.measures import Measure
from moderation.ground.wording.sentences import LANGUAGES
from moderation.moderators.authors import messages as author_messages
from moderation.moderators.authors.messages import About, compose
from moderation.sites.settings.rejection_reasons import ReasonDetails
from tests.builders import NOON

INSULT = "Insult or abuse"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("measure", Measure)
@pytest.mark.parametrize("until", [None, NOON])
def test_every_measure_has_a_whole_sentence_in_every_language(language: str, measure: Measure, until: object) -> None:
    message = compose({}, About(measure, NOON if until else None, rejection_reason=INSULT), language)

    assert message.language == language
    assert "{" not in message.text and message.text == message.text.strip()
    assert ("2026-03-02 12:00 UTC" in message.text) == (until is not None and measure in ("hold", "suspend"))


@pytest.mark.parametrize(
    ("language", "code", "wording"),
    [
        ("de-AT", "de", "Beleidigung"),
        ("FR", "fr", "Insulte ou propos abusifs"),
        ("sw", "en", INSULT),
        (None, "en", INSULT),
    ],
)
def test_a_language_that_we_do_not_have_is_answered_in_english(language: str | None, code: str, wording: str) -> None:
    message = compose({}, About(Measure.WARN, rejection_reason=INSULT), language)

    assert message.language == code
    assert wording in message.text


def test_a_template_without_a_place_for_the_measure_gets_it_at_its_end() -> None:
    details = {INSULT: ReasonDetails(messages={"en": "We do not print insults."})}

    message = compose(details, About(Measure.BAN, rejection_reason=INSULT), "en")

    assert message.text == "We do not print insults. You can no longer comment here."


def test_a_template_in_a_language_of_the_sites_own_is_used_as_it_is() -> None:
    details = {INSULT: ReasonDetails(messages={"sv": "Inga förolämpningar, {name}. {until}"})}

    message = compose(details, About(Measure.SUSPEND, NOON, rejection_reason=INSULT, name="{reason}"), "sv")

    assert (message.language, message.text) == ("sv", "Inga förolämpningar, {reason}. 2026-03-02 12:00 UTC")


def test_nothing_is_said_at_the_end_of_trust() -> None:
    assert author_messages.restored("en", Measure.TRUST) is None
    assert author_messages.restored("en", Measure.WARN) != author_messages.restored("en", Measure.HOLD)
