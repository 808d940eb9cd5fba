"""The one place with a sentence for every kind of entry in the audit trail.

A sentence has the places ``who`` and ``subject``, and each field of the change before and after it, such as
``role_after``. A kind whose words depend on the change has a sentence for each variant, after a colon.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from moderation.moderators.finding.audit_trail import AuditEntry
from service.languages.wording import N_, gettext

SENTENCES: Mapping[str, str] = {
    "account.connected": N_("%(who)s connected their account with a login at %(issuer_after)s."),
    "account.created": N_("%(who)s created an account for %(subject)s as %(role_after)s."),
    "account.disabled": N_("%(who)s closed the account of %(subject)s."),
    "account.disconnected": N_("%(who)s disconnected their account from the login at %(issuer_after)s."),
    "account.linked": N_("%(who)s connected the account of %(subject)s with a login at %(issuer_after)s."),
    "account.provided": N_("%(subject)s came from %(issuer_after)s for the first time, and %(who)s made an account."),
    "account.unlinked": N_("%(who)s disconnected the account of %(subject)s from the login at %(issuer_after)s."),
    "account.reset": N_("%(who)s reset the password of %(subject)s and turned off their second factor."),
    "appeal.overturned:comment": N_("%(who)s granted the appeal about the comment %(subject)s: it is online."),
    "appeal.overturned:measure": N_("%(who)s granted the appeal of %(subject)s: the measure is lifted."),
    "appeal.upheld:comment": N_("%(who)s turned down the appeal about the comment %(subject)s."),
    "appeal.upheld:measure": N_("%(who)s turned down the appeal of %(subject)s against a measure."),
    "article.state:open": N_("%(who)s opened the article %(subject)s to comments."),
    "article.state:premoderated": N_("%(who)s premoderated the article %(subject)s: a moderator reads each comment."),
    "article.state:closed": N_("%(who)s closed the article %(subject)s to comments."),
    "author.erased": N_("%(who)s erased the reader %(subject)s with all their texts."),
    "author.marked:warned": N_("%(who)s warned %(subject)s."),
    "author.marked:undone": N_("%(who)s undid the last measure about %(subject)s."),
    "author.marked:hold": N_("%(who)s put %(subject)s on hold."),
    "author.marked:hold until": N_("%(who)s put %(subject)s on hold until %(until_after)s."),
    "author.marked:suspended": N_("%(who)s suspended %(subject)s."),
    "author.marked:suspended until": N_("%(who)s suspended %(subject)s until %(until_after)s."),
    "author.marked:banned": N_("%(who)s banned %(subject)s."),
    "author.marked:trusted": N_("%(who)s trusted %(subject)s."),
    "author.marked:trusted until": N_("%(who)s trusted %(subject)s until %(until_after)s."),
    "author.marked:normal": N_("%(who)s lifted the measure on %(subject)s."),
    "campaign.treated:publish": N_("%(who)s let further copies of %(subject)s through until %(until_after)s."),
    "campaign.treated:flag": N_(
        "%(who)s had further copies of %(subject)s held for a moderator until %(until_after)s."
    ),
    "campaign.treated:reject": N_("%(who)s had further copies of %(subject)s rejected until %(until_after)s."),
    "campaign.treatment_ended": N_("%(who)s ended the special treatment of further copies of %(subject)s."),
    "comment.labelled:published": N_(
        "%(who)s judged that the comment %(subject)s should be online, when comparing the shadow %(shadow_after)s."
    ),
    "comment.labelled:rejected": N_(
        "%(who)s judged that the comment %(subject)s should be rejected, when comparing the shadow %(shadow_after)s."
    ),
    "database.restored": N_("%(who)s restored the database from the backup %(file_after)s."),
    "dead_letter.tried_again:comment": N_("%(who)s tried again to score the comment %(subject)s."),
    "dead_letter.tried_again:event": N_("%(who)s tried again to send an event about the comment %(subject)s."),
    "duty.ended": N_("%(who)s ended the duty for comments held for %(subject)s."),
    "duty.set": N_("%(who)s named people for comments held for %(subject)s: %(people_after)s."),
    "history.imported": N_("%(who)s imported past comments from %(subject)s."),
    "invitation.withdrawn": N_("%(who)s withdrew the invitation of %(subject)s."),
    "key.created": N_("%(who)s created the key %(subject)s."),
    "key.revoked": N_("%(who)s revoked the key %(subject)s."),
    "key.rotated": N_("%(who)s replaced the key %(subject)s; the old one works until %(expires_at_after)s."),
    "notice.decided:dismissed": N_("The notice about the comment %(subject)s was dismissed: it was published."),
    "notice.decided:upheld": N_("The notice about the comment %(subject)s was upheld: it was rejected."),
    "notice.decided:withdrawn": N_("The notice about the comment %(subject)s ended: it was withdrawn."),
    "notice.received": N_("%(who)s sent a notice that the comment %(subject)s is illegal."),
    "notifier.suspended": N_(
        "%(who)s stopped taking notices from the notifier of the comment %(subject)s until %(until_after)s."
    ),
    "notifier.suspension_ended": N_("%(who)s takes notices from the notifier of the comment %(subject)s again."),
    "password.changed": N_("%(who)s changed their password."),
    "person.grouped:changed": N_(
        "The groups of %(subject)s changed: their role went from %(role_before)s to %(role_after)s."
    ),
    "person.grouped:given": N_("The groups of %(subject)s give them the role %(role_after)s."),
    "person.grouped:removed": N_("The groups of %(subject)s no longer give them a role at the site."),
    "person.invited": N_("%(who)s invited %(subject)s as %(role_after)s."),
    "person.joined": N_("%(who)s joined as %(role_after)s."),
    "person.kept": N_("No group makes %(subject)s an admin any more. They stay one: the site has no other."),
    "person.role:changed": N_("%(who)s changed the role of %(subject)s from %(role_before)s to %(role_after)s."),
    "person.role:given": N_("%(who)s gave %(subject)s the role %(role_after)s."),
    "person.role:removed": N_("%(who)s removed %(subject)s from the site."),
    "model.put_back": N_(
        "%(who)s put the model back into the shadow, %(subject)s: it made more errors than the target allows."
    ),
    "mode.ended:article": N_("%(who)s ended the mode “%(mode_before)s” of the article %(subject)s."),
    "mode.ended:section": N_("%(who)s ended the mode “%(mode_before)s” of the section %(subject)s."),
    "mode.ended:site": N_("%(who)s ended the mode “%(mode_before)s” of the whole site."),
    "mode.started:article": N_(
        "%(who)s put the article %(subject)s into the mode “%(mode_after)s” until %(until_after)s."
    ),
    "mode.started:section": N_(
        "%(who)s put the section %(subject)s into the mode “%(mode_after)s” until %(until_after)s."
    ),
    "mode.started:site": N_("%(who)s put the whole site into the mode “%(mode_after)s” until %(until_after)s."),
    "policy.saved": N_("%(who)s saved the policy, %(subject)s."),
    "policy.saved:limit": N_("%(who)s changed the limit for %(limit)s from %(limit_before)s to %(limit_after)s."),
    "reader_secret.created": N_("%(who)s created the secret %(subject)s for readers’ tokens."),
    "reader_secret.revoked": N_("%(who)s revoked the secret %(subject)s for readers’ tokens."),
    "reader_secret.rotated": N_(
        "%(who)s replaced the secret %(subject)s for readers’ tokens; it is valid until %(expires_at_after)s."
    ),
    "recovery_code.used": N_("%(who)s logged in with a recovery code."),
    "recovery_codes.renewed": N_("%(who)s made new recovery codes."),
    "rescoring.begun": N_("%(who)s had comments scored again."),
    "rescoring.resumed": N_("%(who)s went on with scoring comments again."),
    "retention.begun": N_("%(who)s began to delete what the site no longer keeps."),
    "retention.deleted:comments": N_("%(who)s deleted comments after %(kept_days_after)s days: %(comments_after)s."),
    "retention.deleted:contacts": N_(
        "%(who)s deleted contacts of notifiers %(kept_days_after)s days after the decision: %(contacts_after)s."
    ),
    "retention.deleted:notices": N_(
        "%(who)s deleted notices %(kept_days_after)s days after the decision: %(notices_after)s."
    ),
    "retention.deleted:labels": N_("%(who)s deleted labels after %(kept_days_after)s days: %(labels_after)s."),
    "retention.erased": N_("%(who)s erased texts withdrawn over %(kept_days_after)s days ago: %(texts_after)s."),
    "rules.saved": N_("%(who)s changed the rule book, %(subject)s."),
    "second_reader.connected": N_("%(who)s connected the second reader %(subject)s at %(host_after)s."),
    "second_reader.examined": N_("%(who)s began a trial of the second reader %(subject)s."),
    "second_reader.moved:off": N_("%(who)s switched the second reader %(subject)s off."),
    "second_reader.moved:on": N_("%(who)s switched the second reader %(subject)s on."),
    "second_reader.moved:shadow": N_("%(who)s put the second reader %(subject)s into the shadow."),
    "second_reader.removed": N_("%(who)s gave up the second reader %(subject)s."),
    "second_reader.replayed": N_("%(who)s tried the second reader %(subject)s on %(comments_after)s comments."),
    "second_reader.stopped": N_("%(who)s stopped trying the second reader %(subject)s."),
    "second_factor.off": N_("%(who)s turned their second factor off."),
    "second_factor.on": N_("%(who)s turned their second factor on."),
    "session.all_ended": N_("%(who)s logged out everywhere."),
    "session.ended": N_("%(who)s logged out."),
    "session.no_group": N_("%(subject)s is in no group with a role any more: they were logged out everywhere."),
    "session.started": N_("%(who)s logged in."),
    "shadow.started": N_("%(who)s let the policy %(subject)s run in the shadow."),
    "shadow.stopped": N_("%(who)s stopped the policy %(subject)s in the shadow."),
    "shadow.switched_on": N_(
        "%(who)s switched on the policy %(subject)s from the shadow, as version %(policy_after)s."
    ),
    "site.created": N_("%(who)s created the site."),
    "site.settings": N_("%(who)s changed the site’s settings."),
    "site.texts": N_("%(who)s changed texts to readers (%(subject)s)."),
    "view.deleted": N_("%(who)s deleted the desk’s view %(subject)s."),
    "view.renamed": N_("%(who)s renamed the desk’s view %(subject)s to %(name_after)s."),
    "view.restored": N_("%(who)s brought the desk’s view %(subject)s back."),
    "view.shared": N_("%(who)s shared the view %(subject)s with the desk."),
    "alert.added": N_("%(who)s added alerts to %(subject)s."),
    "alert.removed": N_("%(who)s removed the alerts to %(subject)s."),
    "alert.tested": N_("%(who)s sent a test alert to %(subject)s."),
    "webhook.tested": N_("%(who)s sent a test to the webhook."),
    "weights.learnt": N_("%(who)s put newly learnt weights for %(subject)s into force: version %(version_after)s."),
    "weights.put_back": N_("%(who)s put the weights for %(subject)s back to version %(version_after)s."),
}
UNKNOWN = N_("%(who)s: %(action)s %(subject)s")
"""For an entry of a version of Gavel that this one does not know."""


def _of(field: str) -> Callable[[AuditEntry], str]:
    return lambda entry: str((entry.after or {}).get(field))


def _mark(entry: AuditEntry) -> str:
    after = entry.after or {}
    if "undid" in after:
        return "undone"
    if after.get("measure") == "warn":
        return "warned"
    return f"{after.get('standing')}{' until' if after.get('until') else ''}"


def _appealed(entry: AuditEntry) -> str:
    return "measure" if "measure" in (entry.after or {}) else "comment"


def _role(entry: AuditEntry) -> str:
    was, becomes = ((said or {}).get("role") for said in (entry.before, entry.after))
    return "removed" if becomes is None else "given" if was is None else "changed"


_DELETED = ("labels", "notices", "contacts")
VARIANTS: Mapping[str, Callable[[AuditEntry], str]] = {
    "appeal.overturned": _appealed,
    "appeal.upheld": _appealed,
    "article.state": _of("state"),
    "author.marked": _mark,
    "campaign.treated": _of("action"),
    "comment.labelled": _of("should_be"),
    "dead_letter.tried_again": lambda entry: str((entry.before or {}).get("kind")),
    "notice.decided": _of("outcome"),
    "mode.ended": lambda entry: str((entry.before or entry.after or {}).get("place")),
    "mode.started": _of("place"),
    "person.grouped": _role,
    "person.role": _role,
    "second_reader.moved": _of("state"),
    "retention.deleted": lambda entry: next((kind for kind in _DELETED if kind in (entry.after or {})), "comments"),
}


def sentence(entry: AuditEntry, variant: str = "") -> str:
    """In the reader's language, with its places; not of a decision. ``variant`` comes before the entry's own."""
    variant = variant or (VARIANTS[entry.action](entry) if entry.action in VARIANTS else "")
    return gettext(SENTENCES.get(f"{entry.action}:{variant}") or SENTENCES.get(entry.action) or UNKNOWN)
