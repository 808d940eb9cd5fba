"""A transparency report's lines in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from moderation.law.transparency_report.table import ALL, TransparencyLine, TransparencyPart
from service.desk.authors import eu_categories
from service.desk.frame.sentences.numbers import decimal, figures, percent
from service.desk.frame.sentences.wording import language_named
from service.languages.wording import N_, gettext

PARTS: Mapping[TransparencyPart, str] = {
    TransparencyPart.ORDERS: N_("Orders of authorities"),
    TransparencyPart.NOTICES: N_("Notices of illegal content"),
    TransparencyPart.OWN_INITIATIVE: N_("Decisions on our own initiative"),
    TransparencyPart.REPORTS: N_("Decisions after readers’ reports"),
    TransparencyPart.COMPLAINTS: N_("Appeals by authors"),
    TransparencyPart.AUTOMATION: N_("Decisions by software"),
    TransparencyPart.PEOPLE: N_("Moderators"),
    TransparencyPart.USERS: N_("Users"),
}
INDICATORS: Mapping[str, str] = {
    "orders_to_act": N_("Orders to act against illegal content"),
    "orders_for_information": N_("Orders to give information"),
    "received": N_("Received"),
    "upheld": N_("Well-founded: the comment was rejected"),
    "dismissed": N_("Unfounded: the comment stayed or went online"),
    "withdrawn": N_("Comment withdrawn before a decision"),
    "open": N_("Not yet decided"),
    "median_hours": N_("Hours to the decision, median"),
    "decided_by_automation_alone": N_("Decided by software alone"),
    "measures_by_house_rule": N_("Comments taken down under the house rules"),
    "measures_by_law": N_("Comments taken down under the law"),
    "measures": N_("Comments not published or taken down, and authors suspended or banned"),
    "decided_by_software": N_("Of these, decided by software alone"),
    "restriction_not_published": N_("Not published"),
    "restriction_removed": N_("Removed"),
    "restriction_held": N_("Taken offline until a moderator decided"),
    "restriction_suspended": N_("Authors suspended"),
    "restriction_banned": N_("Authors banned"),
    "automation_fully": N_("Software decided alone"),
    "automation_partially": N_("Software applied a moderator’s decision"),
    "automation_not_automated": N_("A person decided"),
    "language": N_("By language of the comment"),
    "out_of_court_disputes": N_("Out-of-court disputes"),
    "measures_changed_later": N_("Decisions undone or changed later"),
    "published_by_software": N_("Published by software"),
    "published_by_people": N_("Published by moderators"),
    "flagged_by_software": N_("Sent to a moderator by software"),
    "flagged_by_people": N_("Sent to review by moderators"),
    "rejected_by_software": N_("Rejected by software"),
    "rejected_by_people": N_("Rejected by moderators"),
    "error_rate_published": N_("Wrongly published by software"),
    "error_rate_flagged": N_("Sent to a moderator although fit to publish"),
    "error_rate_rejected": N_("Wrongly rejected by software"),
    "checked_published": N_("Published comments that moderators checked"),
    "checked_flagged": N_("Held comments that moderators checked"),
    "checked_rejected": N_("Rejected comments that moderators checked"),
    "who_may_moderate": N_("Moderators at present"),
    "who_decided": N_("Moderators who decided"),
    "users_per_month": N_("Users in the EU in a month, average of six months"),
}
OF_APPEALS: Mapping[str, str] = {
    "received": N_("Appeals received"),
    "upheld": N_("The decision stood"),
    "overturned": N_("The comment was put back, or the measure lifted"),
    "settled": N_("The decision, the measure or the comment changed before an answer"),
    "open": N_("Appeals not yet decided"),
    "upheld_median_days": N_("Days to the answer where the decision stood, median"),
    "overturned_median_days": N_("Days to the answer where the decision was overturned, median"),
    "settled_median_days": N_("Days until the decision, the measure or the comment changed, median"),
}
"""What happened: a notice that is upheld takes a comment down, an appeal puts it back or lifts a measure."""
SCOPES: Mapping[str, str] = {
    "trusted_flaggers": N_("trusted flaggers"),
    "notices": N_("other notices"),
    "house_rule": N_("house rules"),
    "law": N_("law"),
    "against_software": N_("against software’s decisions"),
    "against_people": N_("against moderators’ decisions"),
    "against_measures_of_software": N_("against software’s suspensions and bans"),
    "against_measures_of_people": N_("against moderators’ suspensions and bans"),
    "unknown": N_("language not known"),
}


@dataclass(frozen=True, slots=True)
class ReportRow:
    """A line in words, under the title of its group."""

    about: str  # its category and scope
    value: str


@dataclass(frozen=True, slots=True)
class RowGroup:
    """All lines of one indicator. ``total`` is that of all categories and scopes, empty where there is none."""

    title: str
    total: str
    rows: tuple[ReportRow, ...]


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    groups: tuple[RowGroup, ...]


def sections(lines: Iterable[TransparencyLine]) -> list[Section]:
    """One for each part, in the template's order."""
    every, categories = list(lines), eu_categories.in_words()
    return [
        Section(gettext(title), tuple(_groups([line for line in every if line.part is part], categories)))
        for part, title in PARTS.items()
    ]


def _groups(lines: Iterable[TransparencyLine], categories: Mapping[str, str]) -> Iterator[RowGroup]:
    """One for each indicator, in the order in which they come first."""
    by_title: dict[str, list[TransparencyLine]] = {}
    for line in lines:
        own = OF_APPEALS if line.part is TransparencyPart.COMPLAINTS else {}
        by_title.setdefault(own.get(line.indicator) or INDICATORS[line.indicator], []).append(line)
    for title, same in by_title.items():
        rows = [ReportRow(_about(line, categories), _value(line)) for line in same]
        total = next((row.value for row in rows if not row.about), "")
        yield RowGroup(gettext(title), total, tuple(row for row in rows if row.about))


def _about(line: TransparencyLine, categories: Mapping[str, str]) -> str:
    about = [categories.get(line.category, line.category)] if line.category != ALL else []
    if line.scope != ALL:
        about.append(gettext(SCOPES[line.scope]) if line.scope in SCOPES else language_named(line.scope))
    return " · ".join(about)


def _value(line: TransparencyLine) -> str:
    if line.value is None:
        return "–"
    if line.low is not None and line.high is not None:
        return gettext(
            "%(share)s (between %(low)s and %(high)s)",
            share=percent(line.value, 2),
            low=percent(line.low, 2),
            high=percent(line.high, 2),
        )
    return decimal(line.value) if isinstance(line.value, float) else figures(line.value)
