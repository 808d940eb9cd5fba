"""The one way to save a policy by the API and the desk: its edit is tried on the site's rule book first. Where a rule
comes off worse, or the cases cannot be scored now, it takes a lead's word."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from moderation.ground.errors import StalePolicy
from moderation.insight.trials import objections, policies
from moderation.insight.trials.objections import UNTRIED, Objection, WorseByRuleBook
from moderation.insight.trials.policies import Material, Signals
from moderation.insight.trials.values import APPROVED, REJECTED
from moderation.judging.policy import documents
from moderation.pipeline.drafts import cases
from moderation.sites import policy_versions
from moderation.sites import rows as sites
from moderation.sites.audit.actors import Actor
from moderation.sites.rows import PolicyRow
from service import cached
from service.context import gavel, utc_now
from service.languages.wording import N_, gettext

KEPT_S = 600.0
DEADLINE_S = 20.0
CALLER = "policy"
MOST_NOTE_CHARS = 500
NO_RULES = {
    APPROVED: N_("Comments that people approved"),
    REJECTED: N_("Rejections to which no rule belongs"),
    UNTRIED: N_("The cases could not be tried: the scoring process does not answer"),
}


def replace(
    site_id: str, document: Mapping[str, Any], *, expected: int, by: Actor, note: str | None, although: str | None
) -> PolicyRow:
    """Saves the document as the version after ``expected``. ``although`` is the word that a lead gives.

    Raises WorseByRuleBook, StalePolicy and InvalidInput.
    """
    overruled = agreed(site_id, document, expected=expected, although=although)
    said = note_of(note, overruled)
    return policy_versions.replace(
        gavel().database, site_id, document, expected=expected, by=by, now=utc_now(), note=said
    )


def agreed(site_id: str, document: Mapping[str, Any], *, expected: int, although: str | None) -> Sequence[Objection]:
    """The objections to the document, all of which ``although`` overrules.

    Raises WorseByRuleBook, StalePolicy and InvalidInput.
    """
    objecting = _objections(site_id, document, expected)
    if objecting and objections.word(objecting) != although:
        raise WorseByRuleBook(objecting)
    return objecting


def note_of(note: str | None, overruled: Sequence[Objection]) -> str | None:
    """The note of a version: the lead's own, and the rules that come off worse."""
    own = (note or "").strip()
    worse = gettext("Although worse: %(rules)s", rules=", ".join(map(title, overruled))) if overruled else ""
    return " · ".join(filter(None, (own, worse)))[:MOST_NOTE_CHARS] or None


def title(objection: Objection) -> str:
    """The rule's name, or in the reader's language what is no rule."""
    return objection.name or gettext(NO_RULES[objection.rule])


def _objections(site_id: str, document: Mapping[str, Any], expected: int) -> list[Objection]:
    with gavel().database.read() as conn:
        current = sites.current_policy(conn, site_id)
    if current.version != expected:
        raise StalePolicy(expected, current.version)
    now, then = documents.parse(current.document, current.version), documents.parse(document, current.version + 1)
    material = policies.material(gavel().database, site_id, now=utc_now())
    return objections.of_policy(material, lambda: _signals(site_id, material), now, then)


def _signals(site_id: str, material: Material) -> Signals:
    """Of the cases, as scored in the last minutes."""
    texts = [(case.id, case.text, case.title) for case in material.cases]
    return cached.value(
        ("cases", site_id, material.book.digest),
        KEPT_S,
        lambda: cases.signals_of(
            gavel().database,
            site_id,
            texts,
            lambda asked: gavel().scoring.score(asked, deadline_s=DEADLINE_S, caller=CALLER).scored,
            now=utc_now(),
        ),
    )
