"""The sentences of alerts in the desk's four languages."""

from __future__ import annotations

from collections.abc import Mapping

from moderation.operations.alerts.values import AlertKind

TITLE: Mapping[str, str] = {
    "en": "Comments at {site}",
    "de": "Kommentare bei {site}",
    "fr": "Commentaires de {site}",
    "es": "Comentarios en {site}",
}
TEST: Mapping[str, str] = {
    "en": "This is a test. Alerts will arrive here.",
    "de": "Das ist ein Test. Hier kommen die Meldungen an.",
    "fr": "Ceci est un test. Les alertes arriveront ici.",
    "es": "Esto es una prueba. Las alertas llegarán aquí.",
}
OPEN: Mapping[str, str] = {
    "en": "Open the desk",
    "de": "Zur Moderation",
    "fr": "Ouvrir la modération",
    "es": "Abrir la moderación",
}
LINES: Mapping[str, Mapping[AlertKind, str]] = {
    "en": {
        AlertKind.THREAT: "Comments held for a threat: {count}",
        AlertKind.FLAGGER: "Notices from trusted flaggers: {count}",
        AlertKind.QUEUE_SIZE: "Comments in the queue: {count}",
        AlertKind.QUEUE_AGE: "Hours that the oldest comment has waited: {count}",
        AlertKind.SURGE: "Articles or authors with far more comments than usual: {count}",
        AlertKind.PROMISE: "The site’s own model was wrong too often and no longer decides.",
        AlertKind.SECOND_READER: "Second readers that went back into the shadow or do not answer: {count}",
        AlertKind.WEBHOOK: "The site’s webhook has failed more than once.",
    },
    "de": {
        AlertKind.THREAT: "Wegen einer Drohung zurückgehaltene Kommentare: {count}",
        AlertKind.FLAGGER: "Meldungen vertrauenswürdiger Hinweisgeber: {count}",
        AlertKind.QUEUE_SIZE: "Kommentare in der Warteschlange: {count}",
        AlertKind.QUEUE_AGE: "Wartezeit des ältesten Kommentars in Stunden: {count}",
        AlertKind.SURGE: "Artikel oder Personen mit weit mehr Kommentaren als üblich: {count}",
        AlertKind.PROMISE: "Das eigene Modell hat sich zu oft geirrt und entscheidet nicht mehr.",
        AlertKind.SECOND_READER: "Zweitleser, die in den Schatten zurückgingen oder nicht antworten: {count}",
        AlertKind.WEBHOOK: "Der Webhook ist mehr als einmal gescheitert.",
    },
    "fr": {
        AlertKind.THREAT: "Commentaires retenus pour menace : {count}",
        AlertKind.FLAGGER: "Notifications de signaleurs de confiance : {count}",
        AlertKind.QUEUE_SIZE: "Commentaires dans la file : {count}",
        AlertKind.QUEUE_AGE: "Attente du commentaire le plus ancien, en heures : {count}",
        AlertKind.SURGE: "Articles ou auteurs avec bien plus de commentaires que d’habitude : {count}",
        AlertKind.PROMISE: "Le modèle du site s’est trompé trop souvent et ne décide plus.",
        AlertKind.SECOND_READER: "Seconds lecteurs revenus dans l’ombre ou qui ne répondent pas : {count}",
        AlertKind.WEBHOOK: "Le webhook du site a échoué plus d’une fois.",
    },
    "es": {
        AlertKind.THREAT: "Comentarios retenidos por amenaza: {count}",
        AlertKind.FLAGGER: "Avisos de alertadores fiables: {count}",
        AlertKind.QUEUE_SIZE: "Comentarios en la cola: {count}",
        AlertKind.QUEUE_AGE: "Horas de espera del comentario más antiguo: {count}",
        AlertKind.SURGE: "Artículos o autores con muchos más comentarios de lo habitual: {count}",
        AlertKind.PROMISE: "El modelo del sitio se equivocó demasiado y ya no decide.",
        AlertKind.SECOND_READER: "Segundos lectores que volvieron a la sombra o no responden: {count}",
        AlertKind.WEBHOOK: "El webhook del sitio ha fallado más de una vez.",
    },
}
