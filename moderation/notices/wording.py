"""The sentences of letters about notices, in the languages of the messages to authors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from moderation.notices.values import Outcome


@dataclass(frozen=True, slots=True)
class NoticeWords:
    """A letter in one language. Days are written as 2026-03-02 in all of them."""

    title: str
    titles: Mapping[Outcome, str]
    received: str  # {day}, {id}
    waiting: str
    outcomes: Mapping[Outcome, str]  # {day}
    by_person: str
    changed: Mapping[Outcome, str]  # where the comment has another status by now
    disagree: str  # {contact}
    disagree_site: str
    elsewhere: str


WORDS: Mapping[str, NoticeWords] = {
    "en": NoticeWords(
        title="We have received your notice",
        titles={
            Outcome.UPHELD: "The comment was rejected after your notice",
            Outcome.DISMISSED: "The comment stays online after your notice",
            Outcome.WITHDRAWN: "The comment was withdrawn",
        },
        received="We received your notice of a comment that may be illegal on {day}. Its number is {id}.",
        waiting="A person is reading the comment. Readers do not see it meanwhile. You will find the decision here.",
        outcomes={
            Outcome.UPHELD: "On {day} it was decided that the comment is not published.",
            Outcome.DISMISSED: "On {day} it was decided that the comment stays online.",
            Outcome.WITHDRAWN: "On {day} the comment was withdrawn, before we decided. Readers no longer see it.",
        },
        by_person="A person decided. No software decides on notices.",
        changed={
            Outcome.UPHELD: "That has changed since: the comment is online.",
            Outcome.DISMISSED: "That has changed since: readers no longer see the comment.",
        },
        disagree="If you disagree, you can object: {contact}.",
        disagree_site="If you disagree, you can object. Write to the editors.",
        elsewhere="You can also turn to a certified body for out-of-court settlement, or to a court.",
    ),
    "de": NoticeWords(
        title="Ihre Meldung ist eingegangen",
        titles={
            Outcome.UPHELD: "Der Kommentar wurde nach Ihrer Meldung abgelehnt",
            Outcome.DISMISSED: "Der Kommentar bleibt nach Ihrer Meldung online",
            Outcome.WITHDRAWN: "Der Kommentar wurde zurückgezogen",
        },
        received="Ihre Meldung eines möglicherweise rechtswidrigen Kommentars ist am {day} eingegangen. "
        "Sie hat die Nummer {id}.",
        waiting="Ein Mensch prüft den Kommentar. Bis dahin ist er nicht zu sehen. Die Entscheidung finden Sie hier.",
        outcomes={
            Outcome.UPHELD: "Am {day} wurde entschieden, dass der Kommentar nicht erscheint.",
            Outcome.DISMISSED: "Am {day} wurde entschieden, dass der Kommentar online bleibt.",
            Outcome.WITHDRAWN: "Am {day} wurde der Kommentar zurückgezogen, bevor wir entschieden haben. "
            "Er ist nicht mehr zu sehen.",
        },
        by_person="Ein Mensch hat entschieden. Über Meldungen entscheidet keine Software.",
        changed={
            Outcome.UPHELD: "Das hat sich seither geändert: Der Kommentar ist online.",
            Outcome.DISMISSED: "Das hat sich seither geändert: Der Kommentar ist nicht mehr zu sehen.",
        },
        disagree="Wenn Sie nicht einverstanden sind, können Sie widersprechen: {contact}.",
        disagree_site="Wenn Sie nicht einverstanden sind, können Sie widersprechen. Schreiben Sie der Redaktion.",
        elsewhere="Sie können sich auch an eine zugelassene Streitbeilegungsstelle oder an ein Gericht wenden.",
    ),
    "fr": NoticeWords(
        title="Nous avons reçu votre notification",
        titles={
            Outcome.UPHELD: "Le commentaire a été refusé à la suite de votre notification",
            Outcome.DISMISSED: "Le commentaire reste en ligne malgré votre notification",
            Outcome.WITHDRAWN: "Le commentaire a été retiré par son auteur",
        },
        received="Nous avons reçu le {day} votre notification d’un commentaire peut-être illicite. "
        "Elle porte le numéro {id}.",
        waiting="Une personne examine le commentaire, masqué entre-temps. Vous trouverez la décision ici.",
        outcomes={
            Outcome.UPHELD: "Le {day}, il a été décidé de ne pas publier le commentaire.",
            Outcome.DISMISSED: "Le {day}, il a été décidé de laisser le commentaire en ligne.",
            Outcome.WITHDRAWN: "Le {day}, le commentaire a été retiré avant notre décision. Il n’est plus visible.",
        },
        by_person="Une personne a pris la décision. Aucun logiciel ne décide des notifications.",
        changed={
            Outcome.UPHELD: "Cela a changé depuis : le commentaire est en ligne.",
            Outcome.DISMISSED: "Cela a changé depuis : le commentaire n’est plus visible.",
        },
        disagree="Si vous n’êtes pas d’accord, vous pouvez contester la décision : {contact}.",
        disagree_site="Si vous n’êtes pas d’accord, vous pouvez contester la décision. Écrivez à la rédaction.",
        elsewhere="Vous pouvez aussi saisir un organe certifié de règlement extrajudiciaire ou un tribunal.",
    ),
    "es": NoticeWords(
        title="Hemos recibido su notificación",
        titles={
            Outcome.UPHELD: "El comentario se rechazó tras su notificación",
            Outcome.DISMISSED: "El comentario sigue publicado tras su notificación",
            Outcome.WITHDRAWN: "El comentario fue retirado por su autor",
        },
        received="El {day} recibimos su notificación de un comentario que puede ser ilícito. Su número es {id}.",
        waiting="Una persona está leyendo el comentario, que mientras tanto no se muestra. Aquí verá la decisión.",
        outcomes={
            Outcome.UPHELD: "El {day} se decidió no publicar el comentario.",
            Outcome.DISMISSED: "El {day} se decidió mantener publicado el comentario.",
            Outcome.WITHDRAWN: "El {day} el comentario fue retirado antes de nuestra decisión. Ya no se muestra.",
        },
        by_person="Decidió una persona. Ningún programa decide sobre las notificaciones.",
        changed={
            Outcome.UPHELD: "Esto ha cambiado desde entonces: el comentario está publicado.",
            Outcome.DISMISSED: "Esto ha cambiado desde entonces: el comentario ya no se muestra.",
        },
        disagree="Si no está de acuerdo, puede reclamar: {contact}.",
        disagree_site="Si no está de acuerdo, puede reclamar. Escriba a la redacción.",
        elsewhere="También puede acudir a un órgano certificado de resolución extrajudicial o a un tribunal.",
    ),
}
