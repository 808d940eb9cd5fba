"""Refusals of a comment, with a sentence for its reader: a form that posts through the site's server has no box to word
them. It is in the language of ``Accept-Language``, in the box's words or the site's own."""

from __future__ import annotations

from flask import Response, g
from flask_openapi3.blueprint import APIBlueprint
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from moderation.ground import errors
from moderation.ground.errors import GavelError
from moderation.ground.wording import sentences
from moderation.pipeline.arriving.comment_text import MAX_CHARS
from service.api import words
from service.api.words import Words
from service.auth import current_key
from service.errors import gavel_problem, http_problem, kind_of

READERS_OWN = (
    *(errors.NotFound, errors.TooCostly, errors.IdConflict, errors.StaleVersion, errors.MoveNotAllowed, errors.NotKept),
    *(errors.BacklogFull, errors.AuthorTooFast),
)
"""Errors that a reader's comment is the cause of, or that pass by themselves. All others are the site's business."""


def register(blueprint: APIBlueprint) -> None:
    """Adds ``reader_text`` to what the blueprint's calls refuse."""
    blueprint.register_error_handler(GavelError, _refused)
    blueprint.register_error_handler(HTTPException, _refused_by_http)


def _refused(error: GavelError) -> Response:
    return gavel_problem(error, reader_text=_sentence(error))


def _refused_by_http(error: HTTPException) -> Response:
    return http_problem(error, reader_text=_sentence(error))


def _sentence(error: Exception) -> str:
    said = _words()
    if isinstance(error, errors.AuthorSilenced):
        return _why_silent(error, said)
    if isinstance(error, errors.ArticleClosed):
        return said.closed_until(error.until) if error.until else said["closed"]
    if isinstance(error, errors.InvalidInput):
        return _why_invalid(error, said)
    if isinstance(error, errors.AuthorSlowed):
        return said["slow_mode"]
    if isinstance(error, RequestEntityTooLarge):
        return said["problem_request_entity_too_large"]
    if isinstance(error, READERS_OWN):
        return said[f"problem_{kind_of(error).name.replace('-', '_')}"]
    return said["away"]


def _words() -> Words:
    language = words.preferred()
    return words.of(current_key().site_id, language) if "key" in g else Words(language, sentences.ours(language))


def _why_silent(error: errors.AuthorSilenced, said: Words) -> str:
    """The newsroom's message says it already, in the language in which the author writes."""
    until = error.until
    ours = said.say("suspended_until", until=said.moment(until)) if until else said["banned"]
    if error.message is None:
        return ours
    same = sentences.nearest(error.message["language"]) == said.language
    return error.message["text"] if same else f"{ours} {error.message['text']}"


def _why_invalid(error: errors.InvalidInput, said: Words) -> str:
    if isinstance(error, errors.TextTooLong):
        return said.say("too_long", longest=said.number(MAX_CHARS))
    fields = {problem.field for problem in error.problems}
    if "text" in fields:
        return said["problem_invalid_input"]
    return said["problem_not_found" if "parent_id" in fields else "away"]
