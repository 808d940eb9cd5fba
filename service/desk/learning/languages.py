"""How far a site trusts the scores by language. A lead changes it after a page that says what the change does, with the
numbers that the site has."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from moderation.ground.errors import FieldProblem, InvalidInput
from moderation.ground.estimates import counted_share
from moderation.insight.learning import language_rows
from moderation.insight.learning.language_rows import NEWEST, LanguageRecord
from moderation.judging.policy.settings import LanguageTrust
from moderation.judging.signals.language import LanguageStanding
from moderation.judging.text.language_names import NAMES
from moderation.moderators.queue import rows as queue
from moderation.sites import rows as sites
from moderation.sites import sites as site_changes
from moderation.sites.audit import actors
from moderation.sites.people.roles import Role
from moderation.sites.settings.values import SiteSettings
from service.context import gavel, utc_now
from service.desk.frame.rendering import me, my_sites, page, site_asked
from service.desk.frame.routes import Routes
from service.desk.frame.sentences.wording import language_named
from service.languages.wording import N_, gettext

routes = Routes(under="languages")

STANDINGS = {
    LanguageStanding.DECIDES: N_("decide"),
    LanguageStanding.ADVISES: N_("only advise"),
    LanguageStanding.UNKNOWN: N_("none: no model knows it"),
}
TRUSTS = {
    LanguageTrust.BY_MODEL: N_("as the scores were measured"),
    LanguageTrust.TRUSTED: N_("trusted"),
    LanguageTrust.HELD: N_("all comments go to a moderator"),
}
EFFECTS = {
    LanguageTrust.BY_MODEL: N_(
        "The policy decides comments in %(language)s where the scores were measured to be good enough. Where they only"
        " advise, a moderator decides each comment."
    ),
    LanguageTrust.TRUSTED: N_(
        "The policy publishes and rejects comments in %(language)s by the scores, even where they only advise. No"
        " moderator reads those that it publishes."
    ),
    LanguageTrust.HELD: N_("Every comment in %(language)s goes to a moderator, whatever its scores."),
}


@dataclass(frozen=True, slots=True)
class LanguageLine:
    """A language of the table."""

    code: str
    name: str
    scores: str  # how far they decide, in words; empty where nobody knows
    trust: LanguageTrust
    record: LanguageRecord | None


@routes.get("/languages", role=Role.LEAD, title=N_("Languages"), place=82, is_folded=True, endpoint="languages")
def show() -> Response:
    site_id = site_asked()
    settings, records = _read(site_id)
    by_code = {record.language: record for record in records}
    changed = [*settings.trusted_languages, *settings.held_languages]
    codes = [*by_code, *(code for code in changed if code not in by_code)]
    with gavel().database.read() as conn:
        site_names = queue.site_names(conn, my_sites())
    return page(
        "desk/learning/languages.html",
        site_id=site_id,
        site_names=site_names,
        lines=[_line(code, settings, by_code.get(code)) for code in codes],
        trusts={trust: gettext(words) for trust, words in TRUSTS.items()},
        others=sorted((language_named(code), code) for code in NAMES if code not in codes),
        newest=NEWEST,
        saved=request.args.get("saved", ""),
    )


@routes.get("/languages/change", role=Role.LEAD, title=N_("Languages"))
def confirm_language() -> Response:
    """Says what the change does before it is made. Nothing is changed yet."""
    site_id, (code, trust) = site_asked(), _asked()
    settings, records = _read(site_id)
    line = _line(code, settings, next((record for record in records if record.language == code), None))
    record = line.record
    return page(
        "desk/learning/language.html",
        site_id=site_id,
        line=line,
        trust=trust,
        effect=gettext(EFFECTS[trust], language=line.name),
        trusts={option: gettext(words) for option, words in TRUSTS.items()},
        wrong=counted_share(record.rejected, record.judged) if record else None,
        wish=settings.most_wrong_published,
    )


@routes.post("/languages", role=Role.LEAD, title=N_("Languages"))
def trust_language() -> Response:
    """Holds from the next scored comment on. Decided comments stay as they are."""
    site_id, (code, trust) = site_asked(), _asked()
    by = actors.person(me())
    site_changes.trust_language(gavel().database, site_id, code, trust, by=by, now=utc_now())
    return redirect(url_for("desk.languages", site=site_id, saved=code), HTTPStatus.SEE_OTHER)


def _asked() -> tuple[str, LanguageTrust]:
    """Raises InvalidInput for a code that names no language, and for a choice that is none."""
    code, trust = request.values.get("language", ""), request.values.get("trust", "")
    if code not in NAMES:
        raise InvalidInput(FieldProblem("language", N_("choose a language from the list")))
    if trust not in set(LanguageTrust):
        raise InvalidInput(FieldProblem("trust", N_("choose how far the language is trusted")))
    return code, LanguageTrust(trust)


def _read(site_id: str) -> tuple[SiteSettings, list[LanguageRecord]]:
    with gavel().database.read() as conn:
        settings = sites.get_site(conn, site_id).settings
        trusted, held = settings.trusted_languages, settings.held_languages
        return settings, language_rows.newest(conn, site_id, trusted=trusted, held=held)


def _line(code: str, settings: SiteSettings, record: LanguageRecord | None) -> LanguageLine:
    scores = gettext(STANDINGS[record.standing]) if record and record.standing else ""
    return LanguageLine(code, language_named(code), scores, settings.trust_in(code), record)
