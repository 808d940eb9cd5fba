"""The signals that models compute."""

from __future__ import annotations

from functools import partial

from moderation.judging.signals.spec import SignalSpec

_toxicity_spec = partial(SignalSpec, scale="score", model="toxicity", is_harmful=True, tone="harm")

TOXICITY = _toxicity_spec(
    name="toxicity",
    title="Toxicity",
    meaning="The probability that readers would find the comment rude or disrespectful enough to leave the discussion.",
    remarks=(
        "Abstains in a language that no model knows. Calibrated for each language, so that a limit holds about the "
        "same share of civil comments in all of them."
    ),
    is_required=True,
    is_spared=True,
)

SEVERE_TOXICITY = _toxicity_spec(
    name="severe_toxicity",
    title="Severe toxicity",
    meaning="The probability that the comment is hateful or aggressive, beyond coarse language.",
    remarks="Rare, so its values are lower than those of `toxicity`.",
    is_grave=True,
)

OBSCENE = _toxicity_spec(
    name="obscene",
    title="Obscenity",
    meaning="The probability that the comment swears or is vulgar.",
    remarks="Swearing at a policy is not an attack on a person; set this limit to your house's taste.",
    is_spared=True,
)

THREAT = _toxicity_spec(
    name="threat",
    title="Threat",
    meaning="The probability that the comment wishes or announces harm to somebody.",
    is_grave=True,
)

INSULT = _toxicity_spec(
    name="insult",
    title="Insult",
    meaning="The probability that the comment insults a person or a group.",
    is_spared=True,
)

IDENTITY_ATTACK = _toxicity_spec(
    name="identity_attack",
    title="Identity attack",
    meaning=(
        "The probability that the comment attacks people for who they are: their origin, religion, sex or the like."
    ),
    remarks=(
        "Models tend to score the bare mention of a group too high; look at what is flagged before you lower the limit."
    ),
    is_grave=True,
)

SEXUAL_EXPLICIT = _toxicity_spec(
    name="sexual_explicit",
    title="Sexually explicit",
    meaning="The probability that the comment is sexually explicit.",
    remarks="Only some models measure it; require it only where yours does.",
)

RELEVANCE = SignalSpec(
    name="relevance",
    title="Relevance",
    meaning="The probability that the comment is on topic: about the article or the comment it replies to.",
    remarks=(
        "Abstains for short reactions, for comments off topic that are about the site itself (see `meta`), and "
        "where no weights judge relevance in the language of the comment or of its article."
    ),
    scale="score",
    worse="low",
    model="relevance",
    is_required=True,
    is_spared=True,
    tone="topic",
)

SPAM = SignalSpec(
    name="spam",
    title="Spam",
    meaning="The probability that the comment advertises, baits or cheats.",
    remarks=(
        "Reads any language; it was measured in fourteen. It misses about a third of spam and now and then holds a "
        "comment that links a source or warns of a fraud, so leave rejecting to people."
    ),
    scale="score",
    model="spam",
)

LANGUAGE_SUPPORTED = SignalSpec(
    name="language.supported",
    title="Language supported",
    meaning=(
        "1 where the toxicity model is good enough in the comment's language to decide, one half where its scores only "
        "advise, 0 where it does not know the language."
    ),
    remarks=(
        "0 always goes to a person, and 0.5 unless the site trusts the language. No rule may name it. A comment in "
        "several languages has the lowest of their values."
    ),
    scale="score",
    worse="low",
    model="language",
    allows_rules=False,
)
