"""The sentences that authors read about their appeals, in the languages of the statements of reasons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from moderation.appeals.values import Appeal, AppealOutcome, AppealReason


@dataclass(frozen=True, slots=True)
class AppealWords:
    """One language. Days are written as 2026-03-02 in all of them."""

    heading: str
    label: str
    hint: str
    send: str
    received: str  # {day}
    read_by: str  # where somebody else works for the site
    read_by_same: str
    outcomes: Mapping[AppealOutcome, str]  # {day}
    reasons: Mapping[AppealReason, str]
    answer: str  # {answer}
    empty: str
    too_long: str  # {length}
    odd: str
    twice: str
    late: str
    over: str
    crowded: str


WORDS: Mapping[str, AppealWords] = {
    "en": AppealWords(
        heading="Your objection",
        label="Why do you disagree?",
        hint="1 to 2,000 characters.",
        send="Send the objection",
        received="We received your objection on {day}. You will find the answer on this page.",
        read_by="A person who did not make the decision reads it.",
        read_by_same="The person who made the decision looked at it again, since nobody else works for us.",
        outcomes={
            AppealOutcome.UPHELD: "A person looked at your objection on {day}. The decision stays.",
            AppealOutcome.OVERTURNED: "A person looked at your objection on {day}. The decision no longer holds, and "
            "your comment is online.",
            AppealOutcome.SETTLED: "On {day} the decision or the comment changed before anybody looked at your "
            "objection.",
        },
        reasons={
            AppealReason.RULE_BROKEN: "The comment breaks the rule that we named.",
            AppealReason.NOTHING_NEW: "The objection gives no reason to change the decision.",
            AppealReason.WITHIN_RULES: "The comment keeps to our rules.",
            AppealReason.MISREAD: "We had misunderstood the comment.",
            AppealReason.SOFTWARE_ERRED: "Software had misjudged the comment.",
        },
        answer="They write: {answer}",
        empty="Write why you disagree.",
        too_long="Write at most 2,000 characters. These are {length}.",
        odd="Leave out the control characters.",
        twice="You have objected to this decision already.",
        late="The time for objections is over.",
        over="This decision no longer holds, so there is nothing to object to.",
        crowded="So many objections wait for an answer that we cannot take another one now. Try again later.",
    ),
    "de": AppealWords(
        heading="Ihr Widerspruch",
        label="Warum sind Sie nicht einverstanden?",
        hint="1 bis 2.000 Zeichen.",
        send="Widerspruch abschicken",
        received="Wir haben Ihren Widerspruch am {day} erhalten. Die Antwort finden Sie auf dieser Seite.",
        read_by="Es liest ihn ein Mensch, der die Entscheidung nicht getroffen hat.",
        read_by_same="Geprüft hat ihn derselbe Mensch, der entschieden hatte, denn sonst arbeitet niemand bei uns.",
        outcomes={
            AppealOutcome.UPHELD: "Ein Mensch hat Ihren Widerspruch am {day} geprüft. Die Entscheidung bleibt.",
            AppealOutcome.OVERTURNED: "Ein Mensch hat Ihren Widerspruch am {day} geprüft. Die Entscheidung gilt nicht "
            "mehr, und Ihr Kommentar ist online.",
            AppealOutcome.SETTLED: "Am {day} änderte sich die Entscheidung oder der Kommentar, bevor jemand Ihren "
            "Widerspruch geprüft hatte.",
        },
        reasons={
            AppealReason.RULE_BROKEN: "Der Kommentar verstößt gegen die genannte Regel.",
            AppealReason.NOTHING_NEW: "Der Widerspruch nennt keinen Grund, die Entscheidung zu ändern.",
            AppealReason.WITHIN_RULES: "Der Kommentar hält sich an unsere Regeln.",
            AppealReason.MISREAD: "Wir hatten den Kommentar missverstanden.",
            AppealReason.SOFTWARE_ERRED: "Eine Software hatte den Kommentar falsch eingeschätzt.",
        },
        answer="Dazu die Moderation: {answer}",
        empty="Schreiben Sie, warum Sie nicht einverstanden sind.",
        too_long="Schreiben Sie höchstens 2.000 Zeichen. Hier sind es {length}.",
        odd="Lassen Sie die Steuerzeichen weg.",
        twice="Sie haben dieser Entscheidung schon widersprochen.",
        late="Die Frist für Widersprüche ist abgelaufen.",
        over="Diese Entscheidung gilt nicht mehr, ein Widerspruch ist also nicht nötig.",
        crowded="Es warten so viele Widersprüche auf Antwort, dass wir gerade keinen weiteren annehmen können. "
        "Versuchen Sie es später noch einmal.",
    ),
    "fr": AppealWords(
        heading="Votre contestation",
        label="Pourquoi n’êtes-vous pas d’accord ?",
        hint="De 1 à 2 000 caractères.",
        send="Envoyer la contestation",
        received="Nous avons reçu votre contestation le {day}. Vous trouverez la réponse sur cette page.",
        read_by="Une personne qui n’a pas pris la décision la lit.",
        read_by_same="La personne qui avait pris la décision l’a réexaminée, car elle travaille seule ici.",
        outcomes={
            AppealOutcome.UPHELD: "Une personne a examiné votre contestation le {day}. La décision est maintenue.",
            AppealOutcome.OVERTURNED: "Une personne a examiné votre contestation le {day}. La décision ne vaut plus et "
            "votre commentaire est en ligne.",
            AppealOutcome.SETTLED: "Le {day}, la décision ou le commentaire a changé avant l’examen de votre "
            "contestation.",
        },
        reasons={
            AppealReason.RULE_BROKEN: "Le commentaire enfreint la règle que nous avons citée.",
            AppealReason.NOTHING_NEW: "La contestation ne donne aucune raison de changer la décision.",
            AppealReason.WITHIN_RULES: "Le commentaire respecte nos règles.",
            AppealReason.MISREAD: "Nous avions mal compris le commentaire.",
            AppealReason.SOFTWARE_ERRED: "Un logiciel avait mal jugé le commentaire.",
        },
        answer="La modération écrit : {answer}",
        empty="Écrivez pourquoi vous n’êtes pas d’accord.",
        too_long="Écrivez au plus 2 000 caractères. Il y en a {length}.",
        odd="Supprimez les caractères de contrôle.",
        twice="Vous avez déjà contesté cette décision.",
        late="Le délai de contestation est passé.",
        over="Cette décision ne vaut plus : il n’y a rien à contester.",
        crowded="Trop de contestations attendent une réponse pour que nous en acceptions une autre. Réessayez plus "
        "tard.",
    ),
    "es": AppealWords(
        heading="Su reclamación",
        label="¿Por qué no está de acuerdo?",
        hint="De 1 a 2000 caracteres.",
        send="Enviar la reclamación",
        received="Recibimos su reclamación el {day}. Encontrará la respuesta en esta página.",
        read_by="La lee una persona que no tomó la decisión.",
        read_by_same="La revisó la misma persona que había decidido, porque aquí no trabaja nadie más.",
        outcomes={
            AppealOutcome.UPHELD: "Una persona revisó su reclamación el {day}. La decisión se mantiene.",
            AppealOutcome.OVERTURNED: "Una persona revisó su reclamación el {day}. La decisión ya no vale y su "
            "comentario está publicado.",
            AppealOutcome.SETTLED: "El {day} cambió la decisión o el comentario antes de que alguien revisara su "
            "reclamación.",
        },
        reasons={
            AppealReason.RULE_BROKEN: "El comentario incumple la norma que citamos.",
            AppealReason.NOTHING_NEW: "La reclamación no da motivos para cambiar la decisión.",
            AppealReason.WITHIN_RULES: "El comentario respeta nuestras normas.",
            AppealReason.MISREAD: "Habíamos entendido mal el comentario.",
            AppealReason.SOFTWARE_ERRED: "Un programa había juzgado mal el comentario.",
        },
        answer="La moderación escribe: {answer}",
        empty="Escriba por qué no está de acuerdo.",
        too_long="Escriba como máximo 2000 caracteres. Hay {length}.",
        odd="Quite los caracteres de control.",
        twice="Ya reclamó contra esta decisión.",
        late="El plazo para reclamar ha terminado.",
        over="Esta decisión ya no vale: no hay nada que reclamar.",
        crowded="Hay tantas reclamaciones sin respuesta que ahora no podemos aceptar otra. Inténtelo más tarde.",
    ),
}


def received(appeal: Appeal) -> str:
    return WORDS[appeal.language].received.format(day=_day(appeal.created_at))


def decided(appeal: Appeal) -> str:
    """The outcome with its reason, and the answer of the person who decided."""
    assert appeal.outcome is not None
    assert appeal.decided_at is not None
    words = WORDS[appeal.language]
    parts = [words.outcomes[appeal.outcome].format(day=_day(appeal.decided_at))]
    if appeal.by_same_person:
        parts.append(words.read_by_same)
    if appeal.reason is not None:
        parts.append(words.reasons[appeal.reason])
    if appeal.answer:
        parts.append(words.answer.format(answer=appeal.answer))
    return " ".join(parts)


def said(appeal: Appeal) -> str:
    """The sentence about the appeal as it is now."""
    return decided(appeal) if appeal.outcome else received(appeal)


def _day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d}"
