"""The outcomes of an appeal in words: those that a person chooses from, and the one that the page before ended with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from moderation.ground.wording.sentences import Speaker
from moderation.law.appeals import wording
from moderation.law.appeals.values import OUTCOME_OF, Appeal, AppealOutcome, AppealReason, MeasureAppeal
from service.languages import choice
from service.languages.wording import N_, gettext

DONE = {
    AppealOutcome.UPHELD: N_("Appeal turned down. The author hears of it."),
    AppealOutcome.OVERTURNED: N_("Appeal granted: the comment is online. The author hears of it."),
    AppealOutcome.SETTLED: N_("The decision or the comment changed before this appeal was decided."),
}
DONE_OF_MEASURE = {
    **DONE,
    AppealOutcome.OVERTURNED: N_("Appeal granted: the measure is lifted. The author hears of it."),
    AppealOutcome.SETTLED: N_("The measure changed before this appeal was decided."),
}
Offered = list[tuple[str, list[tuple[AppealReason, str]]]]
"""The reasons by outcome, in the words that authors read, each outcome with its title."""


def of_comment(speaker: Speaker) -> Offered:
    return _offered(
        OUTCOME_OF, speaker, {AppealOutcome.OVERTURNED: gettext("Publish the comment")}, is_of_measure=False
    )


def of_measure(reasons: Iterable[AppealReason], speaker: Speaker) -> Offered:
    return _offered(reasons, speaker, {AppealOutcome.OVERTURNED: gettext("Lift the measure")}, is_of_measure=True)


def done(appeal: Appeal) -> str | None:
    """The sentence about an appeal that was decided; None of an open one."""
    sentences = DONE_OF_MEASURE if isinstance(appeal, MeasureAppeal) else DONE
    return gettext(sentences[appeal.outcome]) if appeal.outcome else None


def _offered(
    reasons: Iterable[AppealReason], speaker: Speaker, titles: Mapping[AppealOutcome, str], *, is_of_measure: bool
) -> Offered:
    words = speaker(choice.current().language)
    named = [(reason, wording.reason(reason, words, is_of_measure=is_of_measure)) for reason in reasons]
    titles = {AppealOutcome.UPHELD: gettext("The decision stays"), **titles}
    return [
        (title, [(reason, said) for reason, said in named if OUTCOME_OF[reason] is outcome])
        for outcome, title in titles.items()
    ]
