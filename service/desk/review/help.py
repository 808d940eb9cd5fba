"""The keys, how the desk works, and one's own preferences."""

from __future__ import annotations

from http import HTTPStatus

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from moderation.sites.people.roles import Role
from moderation.sites.rows import set_preferences
from service.context import gavel
from service.desk.frame.rendering import is_partial, me, page
from service.desk.frame.routes import Routes
from service.languages.wording import N_

routes = Routes()

PREFERENCES = {
    "keys_off": N_("Switch single-letter keys off"),
    "show_words": N_("Always show hidden words"),
    "no_breaks": N_("Do not remind me to take breaks"),
}
KEYS = (
    ("a", N_("approve")), ("r", N_("reject for the reason on the red button")),
    ("1 – 9", N_("reject with that reason")),
    ("e", N_("escalate: ask a lead to decide")), ("s", N_("skip: hide it for an hour, only for you")),
    ("l", N_("lighter: skip this one and open a less toxic comment")),
    ("f", N_("feature a published comment as an editor's pick, or end that")),
    ("g", N_("make it a case of the rule book, for leads")),
    ("n", N_("write a note to go with the decision")), ("q", N_("ask a colleague about it")),
    ("i", N_("answer a notice of illegal content")),
    ("z", N_("undo your last decision or skip; press again for the one before")),
    ("j", N_("next in the queue")), ("k", N_("previous in the queue")), ("m", N_("show hidden words")),
    (".", N_("the next mark in a long comment")),
    ("t", N_("open the thread above")), ("h", N_("show or close the whole thread")),
    ("o", N_("open the article")), ("u", N_("the author")), ("*", N_("watch the article, or no longer")),
    ("w", N_("warn, hold, suspend, ban or trust the author")),
    ("p", N_("take the measure that the site’s ladder proposes")),
    ("c", N_("the campaign that it is a copy in")), ("b", N_("the other copies of what you have just rejected")),
    ("v", N_("decide in the list, with the same keys; on a phone, swipe right to approve and left to reject")),
    ("!", N_("end the mode in the line at the top")),
    ("/", N_("search")), ("?", N_("this page")), ("Esc", N_("leave a field")),
)  # fmt: skip


@routes.get("/help", role=Role.MODERATOR, title=N_("Help"), endpoint="help")
def help_page() -> Response:
    hold_s = round(gavel().settings.event_hold_s)
    return page("desk/review/help.html", keys=KEYS, preference_titles=PREFERENCES, hold_s=hold_s)


@routes.post("/preferences", role=Role.MODERATOR)
def preferences() -> Response:
    """Saves a form's check boxes. ``known`` names the boxes that the form has; one that is not ticked is off."""
    known = [name for name in request.form.getlist("known") if name in PREFERENCES]
    ticked = {name: name in request.form for name in known}
    with gavel().database.write() as conn:
        set_preferences(conn, me().id, {**me().preferences, **ticked})
    if is_partial():
        return Response(status=HTTPStatus.NO_CONTENT)
    return redirect(request.referrer or url_for("desk.review"), HTTPStatus.SEE_OTHER)
