"""The sentences of statements, in the languages of the messages to authors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from moderation.statements.facts import Automation, Restriction

FALLBACK = "en"


@dataclass(frozen=True, slots=True)
class StatementWords:
    """A statement in one language. Days are written as 2026-03-02 in all of them."""

    titles: Mapping[Restriction, str]
    decisions: Mapping[Restriction, str]  # {day}, {posted}
    scope: str
    scope_held: str
    amended: str  # {day}
    house_rule: str  # {name}
    house_rules: str  # without a name
    law: str  # {provision}
    noticed: str
    reported: str
    not_reported: str
    found: str
    found_for: str  # {name}
    not_found: str
    deciding: Mapping[Automation, str]
    deciding_site: str  # sent to Gavel by API: a person or software there, which Gavel does not know
    object_to: str  # {until}, {contact}
    object_to_site: str  # {until}
    object_here: str  # {until}
    object_read_by: str  # where somebody else works for the site
    object_also: str  # {contact}
    elsewhere: str
    headings: tuple[str, str, str, str]  # decision, ground, facts, objection


WORDS: Mapping[str, StatementWords] = {
    "en": StatementWords(
        titles={
            Restriction.NOT_PUBLISHED: "Your comment was not published",
            Restriction.REMOVED: "Your comment was removed",
            Restriction.HELD: "Your comment was taken offline for now",
        },
        decisions={
            Restriction.NOT_PUBLISHED: "On {day} it was decided not to publish your comment of {posted}.",
            Restriction.REMOVED: "On {day} your comment of {posted} was removed.",
            Restriction.HELD: "On {day} your comment of {posted} was taken offline until a moderator decides.",
        },
        scope="The decision holds in every country and for good, unless it is changed.",
        scope_held="The decision holds in every country until a moderator decides.",
        amended="This decision no longer holds: it was changed on {day}.",
        house_rule="The ground is our house rule on “{name}”:",
        house_rules="The ground is our house rules:",
        law="The ground is the law: {provision}.",
        noticed="Somebody had given notice that the comment may be illegal.",
        reported="Readers had reported the comment.",
        not_reported="Nobody had reported the comment. We looked at it on our own initiative.",
        found="Software had pointed the comment out.",
        found_for="Software had pointed the comment out. It took it for: {name}.",
        not_found="Software had not pointed the comment out.",
        deciding={
            Automation.FULLY: "Software decided by rules that our moderators set.",
            Automation.PARTIALLY: "Software applied the decision of a moderator about comments of this kind.",
            Automation.NOT_AUTOMATED: "A person decided.",
        },
        deciding_site="The newsroom decided, in a system of its own.",
        object_to="You can object until {until}: {contact}.",
        object_to_site="You can object until {until}. Write to the editors.",
        object_here="You can object until {until}.",
        object_read_by="A person who did not make the decision will read your objection.",
        object_also="You can also turn to: {contact}.",
        elsewhere="You can also turn to a certified body for out-of-court settlement, or to a court.",
        headings=("Decision", "Ground", "Facts", "If you disagree"),
    ),
    "de": StatementWords(
        titles={
            Restriction.NOT_PUBLISHED: "Ihr Kommentar wurde nicht veröffentlicht",
            Restriction.REMOVED: "Ihr Kommentar wurde entfernt",
            Restriction.HELD: "Ihr Kommentar ist vorerst nicht zu sehen",
        },
        decisions={
            Restriction.NOT_PUBLISHED: "Am {day} wurde Ihr Kommentar vom {posted} abgelehnt und nicht veröffentlicht.",
            Restriction.REMOVED: "Am {day} wurde Ihr Kommentar vom {posted} entfernt.",
            Restriction.HELD: "Am {day} wurde Ihr Kommentar vom {posted} ausgeblendet, bis die Moderation entscheidet.",
        },
        scope="Die Entscheidung gilt in allen Ländern und auf Dauer, solange sie nicht geändert wird.",
        scope_held="Die Entscheidung gilt in allen Ländern, bis die Moderation entscheidet.",
        amended="Diese Entscheidung gilt nicht mehr: Sie wurde am {day} geändert.",
        house_rule="Grundlage ist unsere Hausregel „{name}“:",
        house_rules="Grundlage sind unsere Hausregeln:",
        law="Grundlage ist das Gesetz: {provision}.",
        noticed="Jemand hatte den Kommentar als möglicherweise rechtswidrig gemeldet.",
        reported="Leserinnen und Leser hatten den Kommentar gemeldet.",
        not_reported="Niemand hatte den Kommentar gemeldet. Wir haben ihn von uns aus geprüft.",
        found="Eine Software hatte auf den Kommentar hingewiesen.",
        found_for="Eine Software hatte auf den Kommentar hingewiesen. Sie sah darin: {name}.",
        not_found="Keine Software hatte auf den Kommentar hingewiesen.",
        deciding={
            Automation.FULLY: "Eine Software hat nach Regeln entschieden, die unsere Moderation festlegt.",
            Automation.PARTIALLY: "Eine Software hat die Entscheidung der Moderation über solche Kommentare angewandt.",
            Automation.NOT_AUTOMATED: "Ein Mensch hat entschieden.",
        },
        deciding_site="Die Redaktion hat entschieden, in einem eigenen System.",
        object_to="Sie können bis {until} widersprechen: {contact}.",
        object_to_site="Sie können bis {until} widersprechen. Schreiben Sie der Redaktion.",
        object_here="Sie können bis {until} widersprechen.",
        object_read_by="Das liest ein Mensch, der nicht entschieden hat.",
        object_also="Sie können sich auch hierhin wenden: {contact}.",
        elsewhere="Sie können sich auch an eine zugelassene Streitbeilegungsstelle oder an ein Gericht wenden.",
        headings=("Entscheidung", "Grundlage", "Tatsachen", "Wenn Sie nicht einverstanden sind"),
    ),
    "fr": StatementWords(
        titles={
            Restriction.NOT_PUBLISHED: "Votre commentaire n’a pas été publié",
            Restriction.REMOVED: "Votre commentaire a été retiré",
            Restriction.HELD: "Votre commentaire est masqué pour le moment",
        },
        decisions={
            Restriction.NOT_PUBLISHED: "Le {day}, il a été décidé de ne pas publier votre commentaire du {posted}.",
            Restriction.REMOVED: "Le {day}, votre commentaire du {posted} a été retiré.",
            Restriction.HELD: "Le {day}, votre commentaire du {posted} est masqué en attendant la modération.",
        },
        scope="La décision vaut dans tous les pays et sans limite de durée, sauf si elle est modifiée.",
        scope_held="La décision vaut dans tous les pays jusqu’à la décision de la modération.",
        amended="Cette décision ne vaut plus : elle a été modifiée le {day}.",
        house_rule="Le fondement est notre règle « {name} » :",
        house_rules="Le fondement est le règlement de nos discussions :",
        law="Le fondement est la loi : {provision}.",
        noticed="Une personne avait notifié le commentaire comme peut-être illicite.",
        reported="Des lecteurs avaient signalé le commentaire.",
        not_reported="Personne n’avait signalé le commentaire. Nous l’avons examiné de notre propre initiative.",
        found="Un logiciel avait attiré l’attention sur le commentaire.",
        found_for="Un logiciel avait attiré l’attention sur le commentaire, pour ce motif : {name}.",
        not_found="Aucun logiciel n’avait attiré l’attention sur le commentaire.",
        deciding={
            Automation.FULLY: "Un logiciel a décidé selon les règles fixées par notre modération.",
            Automation.PARTIALLY: "Un logiciel a appliqué la décision de la modération sur ce genre de commentaires.",
            Automation.NOT_AUTOMATED: "Une personne a pris la décision.",
        },
        deciding_site="La rédaction a pris la décision, dans son propre système.",
        object_to="Vous pouvez contester la décision jusqu’au {until} : {contact}.",
        object_to_site="Vous pouvez contester la décision jusqu’au {until}. Écrivez à la rédaction.",
        object_here="Vous pouvez contester la décision jusqu’au {until}.",
        object_read_by="Une personne qui ne l’a pas prise vous lira.",
        object_also="Vous pouvez aussi vous adresser à : {contact}.",
        elsewhere="Vous pouvez aussi saisir un organe certifié de règlement extrajudiciaire ou un tribunal.",
        headings=("Décision", "Fondement", "Faits", "Si vous n’êtes pas d’accord"),
    ),
    "es": StatementWords(
        titles={
            Restriction.NOT_PUBLISHED: "Su comentario no se ha publicado",
            Restriction.REMOVED: "Su comentario se ha retirado",
            Restriction.HELD: "Su comentario no se muestra por ahora",
        },
        decisions={
            Restriction.NOT_PUBLISHED: "El {day} se decidió no publicar su comentario del {posted}.",
            Restriction.REMOVED: "El {day} se retiró su comentario del {posted}.",
            Restriction.HELD: "El {day} se ocultó su comentario del {posted} hasta que decida la moderación.",
        },
        scope="La decisión vale en todos los países y sin límite de tiempo, salvo que se cambie.",
        scope_held="La decisión vale en todos los países hasta que decida la moderación.",
        amended="Esta decisión ya no vale: se cambió el {day}.",
        house_rule="El fundamento es nuestra norma «{name}»:",
        house_rules="El fundamento son nuestras normas de debate:",
        law="El fundamento es la ley: {provision}.",
        noticed="Alguien había notificado el comentario como posiblemente ilícito.",
        reported="Otros lectores habían denunciado el comentario.",
        not_reported="Nadie había denunciado el comentario. Lo revisamos por iniciativa propia.",
        found="Un programa había señalado el comentario.",
        found_for="Un programa había señalado el comentario por este motivo: {name}.",
        not_found="Ningún programa había señalado el comentario.",
        deciding={
            Automation.FULLY: "Decidió un programa, según las reglas que fija nuestra moderación.",
            Automation.PARTIALLY: "Un programa aplicó la decisión de la moderación sobre comentarios de este tipo.",
            Automation.NOT_AUTOMATED: "Decidió una persona.",
        },
        deciding_site="Decidió la redacción, en un sistema propio.",
        object_to="Puede reclamar hasta el {until}: {contact}.",
        object_to_site="Puede reclamar hasta el {until}. Escriba a la redacción.",
        object_here="Puede reclamar hasta el {until}.",
        object_read_by="Leerá su reclamación una persona que no tomó la decisión.",
        object_also="También puede dirigirse a: {contact}.",
        elsewhere="También puede acudir a un órgano certificado de resolución extrajudicial o a un tribunal.",
        headings=("Decisión", "Fundamento", "Hechos", "Si no está de acuerdo"),
    ),
}


def spoken(language: str | None) -> str:
    """The language of a statement for a comment in ``language``: the same where Gavel has words in it, else English."""
    code = (language or "").lower().partition("-")[0]
    return code if code in WORDS else FALLBACK
