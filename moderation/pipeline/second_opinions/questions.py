"""The question about one comment, as it leaves: with the rules of the book, and masked where the site masks."""

from __future__ import annotations

from moderation.ground.environment.own_time import own_time
from moderation.judging.second_reader.masking import masked_for_model
from moderation.judging.second_reader.values import RuleQuestion, RuleText
from moderation.judging.text.reading import Reading
from moderation.judging.text.reading_budget import BUDGET_S, Budget
from moderation.sites.rules.values import RuleBook
from moderation.sites.second_readers.values import SecondReader
from moderation.spine.second_readings.values import ReadingAsked


def question_about(reader: SecondReader, book: RuleBook, reading: ReadingAsked) -> RuleQuestion:
    """Raises TooCostly."""
    rules = tuple(RuleText(rule.key, rule.name, f"{rule.sentence}\n{rule.guidance}".strip()) for rule in book.rules)
    text = _masked(reading) if reader.wish.masked else reading.text
    return RuleQuestion(rules, text, headline=reading.title or None)


def _masked(reading: ReadingAsked) -> str:
    budget = Budget(BUDGET_S, own_time)
    with budget:
        return masked_for_model(Reading(reading.text, budget), reading.names)
