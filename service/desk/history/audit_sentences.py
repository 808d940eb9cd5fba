"""The one place with a sentence for every kind of entry in the audit trail.

A sentence has the places ``who`` and ``subject``, and each field of the change before and after it, such as
``role_after``. A kind whose words depend on the change has a sentence for each variant, after a colon.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from moderation.people.audit_trail import AuditEntry

SENTENCES: Mapping[str, str] = {
    "account.created": "%(who)s created an account for %(subject)s as %(role_after)s.",
    "account.disabled": "%(who)s closed the account of %(subject)s.",
    "account.reset": "%(who)s reset the password of %(subject)s and turned off their second factor.",
    "article.state:open": "%(who)s opened the article %(subject)s to comments.",
    "article.state:premoderated": "%(who)s premoderated the article %(subject)s: a person reads each comment.",
    "article.state:closed": "%(who)s closed the article %(subject)s to comments.",
    "author.erased": "%(who)s erased the reader %(subject)s with all their texts.",
    "author.marked:hold": "%(who)s put %(subject)s on hold.",
    "author.marked:hold until": "%(who)s put %(subject)s on hold until %(until_after)s.",
    "author.marked:trusted": "%(who)s trusted %(subject)s.",
    "author.marked:trusted until": "%(who)s trusted %(subject)s until %(until_after)s.",
    "author.marked:normal": "%(who)s took the mark off %(subject)s.",
    "campaign.treated:publish": "%(who)s let further copies of %(subject)s through until %(until_after)s.",
    "campaign.treated:flag": "%(who)s had further copies of %(subject)s held for a person until %(until_after)s.",
    "campaign.treated:reject": "%(who)s had further copies of %(subject)s rejected until %(until_after)s.",
    "campaign.treatment_ended": "%(who)s ended the special treatment of further copies of %(subject)s.",
    "database.restored": "%(who)s restored the database from the backup %(file_after)s.",
    "dead_letter.tried_again:comment": "%(who)s tried again to score the comment %(subject)s.",
    "dead_letter.tried_again:event": "%(who)s tried again to send an event about the comment %(subject)s.",
    "history.imported": "%(who)s imported past comments from %(subject)s.",
    "invitation.withdrawn": "%(who)s withdrew the invitation of %(subject)s.",
    "key.created": "%(who)s created the key %(subject)s.",
    "key.revoked": "%(who)s revoked the key %(subject)s.",
    "key.rotated": "%(who)s replaced the key %(subject)s; the old one works until %(expires_at_after)s.",
    "password.changed": "%(who)s changed their password.",
    "person.invited": "%(who)s invited %(subject)s as %(role_after)s.",
    "person.joined": "%(who)s joined as %(role_after)s.",
    "person.role:changed": "%(who)s changed the role of %(subject)s from %(role_before)s to %(role_after)s.",
    "person.role:given": "%(who)s gave %(subject)s the role %(role_after)s.",
    "person.role:removed": "%(who)s removed %(subject)s from the site.",
    "model.put_back": "%(who)s put the model back into the shadow, %(subject)s: its errors were above the wish.",
    "policy.saved": "%(who)s saved the policy, %(subject)s.",
    "policy.saved:limit": "%(who)s changed the limit for %(limit)s from %(limit_before)s to %(limit_after)s.",
    "recovery_code.used": "%(who)s logged in with a recovery code.",
    "recovery_codes.renewed": "%(who)s made new recovery codes.",
    "rescoring.begun": "%(who)s had comments scored again.",
    "rescoring.resumed": "%(who)s went on with scoring comments again.",
    "retention.begun": "%(who)s began to delete what the site no longer keeps.",
    "retention.deleted:comments": "%(who)s deleted comments older than %(kept_days_after)s days: %(comments_after)s.",
    "retention.deleted:labels": "%(who)s deleted labels older than %(kept_days_after)s days: %(labels_after)s.",
    "retention.erased": "%(who)s erased texts withdrawn over %(kept_days_after)s days ago: %(texts_after)s.",
    "second_factor.off": "%(who)s turned their second factor off.",
    "second_factor.on": "%(who)s turned their second factor on.",
    "session.all_ended": "%(who)s logged out everywhere.",
    "session.ended": "%(who)s logged out.",
    "session.started": "%(who)s logged in.",
    "site.created": "%(who)s created the site.",
    "site.settings": "%(who)s changed the site’s settings.",
    "view.deleted": "%(who)s deleted the desk’s view %(subject)s.",
    "view.renamed": "%(who)s renamed the desk’s view %(subject)s to %(name_after)s.",
    "view.restored": "%(who)s brought the desk’s view %(subject)s back.",
    "view.shared": "%(who)s shared the view %(subject)s with the desk.",
    "webhook.tested": "%(who)s sent a test to the webhook.",
    "weights.learnt": "%(who)s put newly learnt weights for %(subject)s into force: version %(version_after)s.",
    "weights.put_back": "%(who)s put the weights for %(subject)s back to version %(version_after)s.",
}
UNKNOWN = "%(who)s: %(action)s %(subject)s"
"""For an entry of a version of Gavel that this one does not know."""


def _of(field: str) -> Callable[[AuditEntry], str]:
    return lambda entry: str((entry.after or {}).get(field))


def _mark(entry: AuditEntry) -> str:
    after = entry.after or {}
    return f"{after.get('standing')}{' until' if after.get('until') else ''}"


def _role(entry: AuditEntry) -> str:
    was, becomes = ((said or {}).get("role") for said in (entry.before, entry.after))
    return "removed" if becomes is None else "given" if was is None else "changed"


VARIANTS: Mapping[str, Callable[[AuditEntry], str]] = {
    "article.state": _of("state"),
    "author.marked": _mark,
    "campaign.treated": _of("action"),
    "dead_letter.tried_again": lambda entry: str((entry.before or {}).get("kind")),
    "person.role": _role,
    "retention.deleted": lambda entry: "labels" if "labels" in (entry.after or {}) else "comments",
}


def sentence(entry: AuditEntry, variant: str = "") -> str:
    """Not of a decision. ``variant`` comes before the one that the entry itself has."""
    variant = variant or (VARIANTS[entry.action](entry) if entry.action in VARIANTS else "")
    return str(SENTENCES.get(f"{entry.action}:{variant}") or SENTENCES.get(entry.action) or UNKNOWN)
