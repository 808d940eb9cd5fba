"""A site's second readers at the desk: a lead connects one, tries it, and switches it on by a replay that speaks for
it."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from uuid import UUID

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from moderation.ground.errors import FieldProblem, InvalidInput
from moderation.judging.second_reader.registry import CONTRACTS
from moderation.moderators.queue import rows as queue
from moderation.pipeline.second_opinions import examining, replaying, switching
from moderation.sites import rows as sites
from moderation.sites.audit import actors
from moderation.sites.people.roles import Role
from moderation.sites.second_readers import connecting
from moderation.sites.second_readers import rows as readers
from moderation.sites.second_readers.values import ReaderState, ReaderWish
from moderation.spine.second_readings import budget_rows as budgets
from moderation.spine.second_readings.values import Purpose
from service.context import gavel, utc_now
from service.desk.frame.rendering import me, my_sites, page, site_asked
from service.desk.frame.routes import Routes
from service.desk.frame.sentences.numbers import whole
from service.desk.second_reader import reader_page, wording
from service.languages.wording import N_

routes = Routes(under="second_readers")

READER = "/second-readers/<uuid:reader_id>"


@routes.get(
    "/second-readers", role=Role.LEAD, title=N_("Second readers"), place=80, is_folded=True, endpoint="second_readers"
)
def show() -> Response:
    return _page(site_asked())


@routes.post("/second-readers", role=Role.LEAD)
def connect_reader() -> Response:
    site_id, context = site_asked(), gavel()
    try:
        reader = connecting.connect(
            context.database,
            site_id,
            _wish(),
            contracts=CONTRACTS,
            private_addresses=context.settings.private_webhooks,
            by=actors.person(me()),
            now=utc_now(),
        )
    except InvalidInput as e:
        return _page(site_id, e.problems)
    return _to(site_id, reader.id)


@routes.get(READER, role=Role.LEAD, endpoint="second_reader")
def show_reader(reader_id: UUID) -> Response:
    return reader_page.page_of(site_asked(), str(reader_id))


@routes.get(f"{READER}/progress", role=Role.LEAD, endpoint="second_reader_progress")
def show_progress(reader_id: UUID) -> Response:
    return reader_page.progress_of(site_asked(), str(reader_id))


@routes.post(f"{READER}/state", role=Role.LEAD)
def move_reader(reader_id: UUID) -> Response:
    site_id, wanted = site_asked(), request.form.get("state", "")
    try:
        if wanted not in set(ReaderState):
            raise InvalidInput(FieldProblem("state", N_("choose one of these")))
        by, now = actors.person(me()), utc_now()
        switching.move(gavel().database, site_id, str(reader_id), ReaderState(wanted), by=by, now=now)
    except InvalidInput as e:
        return reader_page.page_of(site_id, str(reader_id), e.problems)
    return _to(site_id, str(reader_id))


@routes.post(f"{READER}/replays", role=Role.LEAD)
def replay_reader(reader_id: UUID) -> Response:
    """On decided comments; or, to try it, on the last ten of all."""
    site_id, is_try = site_asked(), request.form.get("purpose") == Purpose.TRY
    purpose = Purpose.TRY if is_try else Purpose.REPLAY
    most = replaying.TRIED if is_try else whole(request.form.get("comments", "")) or 0
    try:
        by, now = actors.person(me()), utc_now()
        replaying.start(gavel().database, site_id, str(reader_id), purpose=purpose, most=most, by=by, now=now)
    except InvalidInput as e:
        return reader_page.page_of(site_id, str(reader_id), e.problems)
    return _to(site_id, str(reader_id))


@routes.post(f"{READER}/replays/<uuid:replay_id>/stop", role=Role.LEAD)
def stop_replay(reader_id: UUID, replay_id: UUID) -> Response:
    site_id = site_asked()
    replaying.stop(gavel().database, site_id, str(replay_id), by=actors.person(me()), now=utc_now())
    return _to(site_id, str(reader_id))


@routes.post(f"{READER}/trials", role=Role.LEAD)
def examine_reader(reader_id: UUID) -> Response:
    """Puts it to a trial with injections."""
    site_id = site_asked()
    try:
        examining.start(gavel().database, site_id, str(reader_id), by=actors.person(me()), now=utc_now())
    except InvalidInput as e:
        return reader_page.page_of(site_id, str(reader_id), e.problems)
    return _to(site_id, str(reader_id))


@routes.post(f"{READER}/trials/<uuid:trial_id>/stop", role=Role.LEAD)
def stop_trial(reader_id: UUID, trial_id: UUID) -> Response:
    site_id = site_asked()
    examining.stop(gavel().database, site_id, str(trial_id), by=actors.person(me()), now=utc_now())
    return _to(site_id, str(reader_id))


@routes.post(f"{READER}/remove", role=Role.LEAD)
def remove_reader(reader_id: UUID) -> Response:
    site_id = site_asked()
    connecting.remove(gavel().database, site_id, str(reader_id), by=actors.person(me()), now=utc_now())
    return redirect(url_for("desk.second_readers", site=site_id), HTTPStatus.SEE_OTHER)


def _page(site_id: str, problems: Sequence[FieldProblem] = ()) -> Response:
    """With problems it shows the form as it was filled in, without the key."""
    with gavel().database.read() as conn:
        names = queue.site_names(conn, my_sites())
        connected = readers.of_site(conn, site_id)
        settings = sites.get_site(conn, site_id).settings
        spent = budgets.spent(conn, site_id, utc_now().date())
    return page(
        "desk/second_reader/readers.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if problems else HTTPStatus.OK,
        site_id=site_id,
        site_names=names,
        readers=connected,
        states=wording.states(),
        contracts={name: contract.title for name, contract in CONTRACTS.items()},
        spent=spent,
        budget=settings.second_reader_budget,
        given=request.form if problems else {},
        problems=wording.problems_in_words(problems),
    )


def _wish() -> ReaderWish:
    """Raises InvalidInput."""
    form = request.form
    prices = {name: wording.price(form.get(name, "")) for name in ("price_in", "price_out")}
    if wrong := [name for name, price in prices.items() if price is None]:
        raise InvalidInput(*(FieldProblem(name, N_("must be a number")) for name in wrong))
    name, base_url, model = (form.get(field, "").strip() for field in ("name", "base_url", "model"))
    return ReaderWish(
        name=name,
        contract=form.get("contract", ""),
        base_url=base_url,
        model=model,
        masked="masked" in form,
        key=form.get("key", "").strip() or None,
        price_in=prices["price_in"] or 0.0,
        price_out=prices["price_out"] or 0.0,
    )


def _to(site_id: str, reader_id: str) -> Response:
    return redirect(url_for("desk.second_reader", reader_id=reader_id, site=site_id), HTTPStatus.SEE_OTHER)
