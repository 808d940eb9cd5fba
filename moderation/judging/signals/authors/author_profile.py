"""Whether the author's name or website advertises: spammers put their words there, below a text that says nothing."""

from __future__ import annotations

import re
from urllib.parse import unquote

from moderation.judging.signals.scoring import CommentToScore
from moderation.judging.signals.spec import Measured, SignalSpec
from moderation.judging.signals.texts.links import is_allowed
from moderation.judging.text.contacts.domains import host_of, listed_parent
from moderation.judging.text.lists.shipped_lists import ListKind, entries
from moderation.judging.text.reading import Reading

MOST_CHARS = 500  # of each: the beginning of an address says where it leads
_SEPARATORS = re.compile(r"[\W_]+")

_ADVERTISED = (
    "escort,escorts,call girl,call girls,camgirls,sex cam,sex chat,porn,xxx,bokep,plan cul,casino,casinos,sportsbook,"
    "betting,poker online,slot gacor,judi,togel,viagra,cialis,kamagra,levitra,tramadol,xanax,steroids,diet pills,"
    "weight loss pills,payday,cash loan,cash loans,kredit ohne schufa,replica watches,backlink,backlinks,seo service,"
    "seo services,seo agency,buy followers,buy likes,forex signals,crypto signals,essay writing"
)
ADVERTISED = tuple(_ADVERTISED.split(","))
"""The spam model reads sentences: it gives these words alone no score (0.03 for *escort paris*), and any address one
over its limit."""

RUN_TOGETHER = ("escort", "callgirl", "casino", "viagra", "kamagra", "porno", "payday", "sexcam", "backlink")
"""Those that no other word holds, so they count inside the words of an address as well."""


def _measure(c: CommentToScore) -> Measured:
    name, website = Reading((c.author.name or "")[:MOST_CHARS], c.budget), (c.website or "")[:MOST_CHARS]
    listed = (ADVERTISED, c.policy.banned_words, c.policy.suspect_words)
    count = sum(len(name.uses_of(words)) for words in listed)
    if website:
        site, host = Reading(_SEPARATORS.sub(" ", unquote(website)), c.budget), host_of(website) or ""
        shipped = (entries(ListKind.SLURS), entries(ListKind.OBSCENE))
        count += sum(len(site.uses_of(words)) for words in (*listed, *shipped))
        count += _is_run_together(site)
        count += listed_parent(host, c.policy.blocked_domains) is not None and not is_allowed(host, c.policy)
    return Measured(float(count))


def _is_run_together(site: Reading) -> bool:
    return not site.uses_of(ADVERTISED) and any(word in site.searched.text for word in RUN_TOGETHER)


AUTHOR_PROFILE = SignalSpec(
    name="author.profile",
    title="Name and website",
    meaning="How many words of advertisers, listed words and blocked domains the author's name and website have.",
    remarks=(
        "From `author.name` and `author.url`, by a list that comes with Gavel, `banned_words`, `suspect_words` and, of "
        "the website, `blocked_domains`, slurs and obscene words. A try of other lists keeps its value."
    ),
    scale="count",
    measure=_measure,
)
