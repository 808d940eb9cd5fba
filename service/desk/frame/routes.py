"""Routes of the desk, declared where they are served: the role that may open each, its title, and its place in the bar.

The navigation, the check before every view and the list of pages that need no login derive from these declarations.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, TypeVar, cast

from flask import Blueprint, current_app, request

from moderation.ground.errors import NotAllowed
from moderation.sites.people.roles import Role, sites_where
from moderation.sites.rows import Moderator
from service.languages.wording import N_, gettext

View = TypeVar("View", bound=Callable[..., Any])

EXTENSION = "gavel.desk.routes"
BLUEPRINT = "desk"
REFUSALS = {
    (Role.LEAD, True, False): N_("only leads can open this page"),
    (Role.LEAD, True, True): N_("only leads of this site can open this page"),
    (Role.LEAD, False, False): N_("only leads can do this"),
    (Role.LEAD, False, True): N_("only leads of this site can do this"),
    (Role.ADMIN, True, False): N_("only admins can open this page"),
    (Role.ADMIN, True, True): N_("only admins of this site can open this page"),
    (Role.ADMIN, False, False): N_("only admins can do this"),
    (Role.ADMIN, False, True): N_("only admins of this site can do this"),
    (Role.MODERATOR, True, False): N_("only moderators can open this page"),
    (Role.MODERATOR, True, True): N_("only moderators of this site can open this page"),
    (Role.MODERATOR, False, False): N_("only moderators can do this"),
    (Role.MODERATOR, False, True): N_("only moderators of this site can do this"),
}
"""By the role that a request needs, whether it opens a page, and whether it names a site."""
GROUPS = ((0, N_("Work")), (60, N_("Insight")), (70, N_("Settings")))
"""The groups of pages in the bar, each with the lowest place of its pages."""
ANYBODY: Final = None
"""The role of a route that needs no login. It has to be named, so that no route is public by accident."""


@dataclass(frozen=True, slots=True)
class Route:
    """A route as it was declared."""

    path: str
    method: str
    endpoint: str
    view: Callable[..., Any]
    role: Role | None
    title: str
    place: int | None  # in the bar, from the left
    under: str  # the endpoint of the page in the bar that this one belongs to
    part: int | None = None  # among the parts of that page, from the left
    is_folded: bool = False  # the bar shows it in its menu of more pages
    most_form_bytes: int | None = None  # of its fields without files, where the framework's limit is too low

    @property
    def is_public(self) -> bool:
        return self.role is ANYBODY


@dataclass(frozen=True, slots=True)
class Group:
    """A group of pages in the bar. It leads to the first of them."""

    title: str
    pages: tuple[Route, ...]
    is_current: bool  # the page belongs to it; the first group has the pages that belong to none

    @property
    def folded(self) -> tuple[Route, ...]:
        """The pages of its menu of more: two at least, and not the one that is open."""
        routes = tuple(route for route in self.pages if route.is_folded and not is_current(route))
        return routes if len(routes) > 1 else ()

    @property
    def tabs(self) -> tuple[Route, ...]:
        return tuple(route for route in self.pages if route not in self.folded)


class Routes:
    """The routes of one module. ``endpoint`` is the view's own name unless given."""

    def __init__(self, *, under: str = "") -> None:
        self._under = under
        self._declared: list[Route] = []

    def __iter__(self) -> Iterator[Route]:
        return iter(self._declared)

    def get(
        self,
        path: str,
        *,
        role: Role | None,
        title: str = "",
        place: int | None = None,
        part: int | None = None,
        is_folded: bool = False,
        endpoint: str = "",
    ) -> Callable[[View], View]:
        """Declares a page. One without a title has that of the page that it is under. Titles are marked by ``N_``. With
        a ``part`` it appears in the line of links that the pages under one entry of the bar share."""
        return self._declare(Route(path, "GET", endpoint, _nothing, role, title, place, self._under, part, is_folded))

    def post(
        self, path: str, *, role: Role | None, title: str = "", endpoint: str = "", most_form_bytes: int | None = None
    ) -> Callable[[View], View]:
        """Declares the target of a form. The title is for a page that it may answer with."""
        return self._declare(
            Route(path, "POST", endpoint, _nothing, role, title, None, self._under, most_form_bytes=most_form_bytes)
        )

    def _declare(self, route: Route) -> Callable[[View], View]:
        def declare(view: View) -> View:
            name = route.endpoint or view.__name__
            under = name if route.place is not None else route.under
            self._declared.append(replace(route, endpoint=name, view=view, under=under))
            return view

        return declare


def _nothing() -> None:
    """Stands in place of a view that is not yet known."""


def register(desk: Blueprint, declared: Iterable[Route]) -> None:
    """Adds the routes to the blueprint and remembers what they declare."""
    every = list(declared)
    for route in every:
        desk.add_url_rule(route.path, route.endpoint, route.view, methods=[route.method])
    known = {f"{BLUEPRINT}.{route.endpoint}": route for route in every}
    desk.record(lambda state: state.app.extensions.setdefault(EXTENSION, known))


def declared() -> Mapping[str, Route]:
    """This application's routes by endpoint, such as ``desk.review``."""
    return cast(Mapping[str, Route], current_app.extensions[EXTENSION])


def here() -> Route:
    """The route of this request. Raises KeyError where none was declared, so that nothing undeclared is served."""
    return declared()[request.endpoint or ""]


def title() -> str:
    """Of this page, or of the page that it is under."""
    route = declared().get(request.endpoint or "")
    above = declared().get(f"{BLUEPRINT}.{route.under}") if route else None
    words = (route.title if route else "") or (above.title if above else "")
    return gettext(words) if words else ""


def bar(moderator: Moderator) -> list[Group]:
    """The groups of the bar with the pages that this moderator may open, in their order."""
    placed = [route for route in declared().values() if route.place is not None and _may(moderator, route)]
    by_group: dict[str, list[Route]] = {}
    for route in sorted(placed, key=lambda route: route.place or 0):
        by_group.setdefault(_group_of(route), []).append(route)
    here = next((group for group, pages in by_group.items() if any(map(is_current, pages))), GROUPS[0][1])
    return [Group(gettext(title), tuple(pages), title == here) for title, pages in by_group.items()]


def _group_of(route: Route) -> str:
    return max((lowest, title) for lowest, title in GROUPS if lowest <= (route.place or 0))[1]


def parts(moderator: Moderator) -> list[Route]:
    """The pages that share an entry of the bar with this one and that this moderator may open, in their order."""
    under = here().under
    routes = [r for r in declared().values() if r.part is not None and r.under == under and _may(moderator, r)]
    return sorted(routes, key=lambda route: route.part or 0)


def is_this_part(route: Route) -> bool:
    """Whether this page is that part, or lies below it."""
    path = here().path
    return path == route.path or (route.place is None and path.startswith(f"{route.path}/"))


def is_current(route: Route) -> bool:
    """Whether this page belongs to that page of the bar. The escalated part of the queue has an entry of its own."""
    under = here().under
    if under == "review" and "escalated" in request.args:
        under = "escalated"
    return route.endpoint == under


def admit(moderator: Moderator) -> None:
    """Raises NotAllowed unless the moderator has, on some site, the role that this route needs."""
    if not _may(moderator, here()):
        raise NotAllowed(refusal())


def refusal(*, of_site: bool = False) -> str:
    """In words, who may do what this request asks: anywhere, or of the site that it names."""
    opens = request.method == "GET"
    words = REFUSALS[here().role or Role.MODERATOR, opens, of_site]
    return gettext(words)


def _may(moderator: Moderator, route: Route) -> bool:
    return route.role is ANYBODY or route.role is Role.MODERATOR or bool(sites_where(moderator, route.role))
