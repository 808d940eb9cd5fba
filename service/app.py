"""Creates the web application. Its engine and its Redis client belong to one process: call it after forking."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeVar

from flask_openapi3.openapi import OpenAPI

from moderation.ground.database.engine import Database
from moderation.ground.environment.settings import Settings
from moderation.ground.jobs.jobs import Queues, connect_for_web
from moderation.operations.composition import open_database
from moderation.pipeline.arriving.backlog import Backlog
from moderation.pipeline.arriving.fairness import Shares
from moderation.pipeline.drafts.scoring_process import ScoringProcess
from service import api, auth, compat, desk, errors, metrics
from service.api import path_segments
from service.api.pages import admission as page_admission
from service.api.readers import admission
from service.context import EXTENSION, Gavel
from service.embed import calls as embed
from service.languages import templates
from service.openid.client import OpenId
from service.web import headers, null_characters, places, proxies, tracing
from service.web.strict_json import StrictRequest

View = TypeVar("View", bound=Callable[..., Any])


class Application(OpenAPI):
    """Reads bodies strictly."""

    request_class = StrictRequest

    def ensure_sync(self, func: View) -> View:
        """As it is: no view or hook here is a coroutine, and to ask that of ten of them costs every request."""
        return func


def create_app(
    settings: Settings,
    *,
    database: Database | None = None,
    queues: Queues | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> OpenAPI:
    """The whole service, API and desk. A database or queues that are not given are created from the settings."""
    database = database or open_database(settings.resolved_database_url, pool_size=settings.web_threads)
    queues = queues or Queues(connect_for_web(settings.resolved_redis_url), job_timeout_s=settings.batch_timeout_s)
    app = Application("service", **api.openapi_options())
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.url_map.strict_slashes = False
    backlog = Backlog(database, settings.backlog_limit, clock)
    most_held = max(1, settings.web_threads // 2)  # of the threads may wait; the others go on taking comments
    scoring = ScoringProcess.of(settings, connections=most_held)
    openid = OpenId.of(settings, clock)
    app.extensions[EXTENSION] = Gavel(settings, database, queues, backlog, Shares(database, clock), scoring, openid)
    places.register(app, most_held)
    proxies.register(app, settings.trusted_proxies)
    tracing.register(app)
    path_segments.register(app)
    null_characters.register(app)
    headers.register(app, settings.public_url)
    errors.register(app)
    metrics.register(app)
    auth.register(app, database, settings.rate_limit_per_minute, clock)
    admission.register(app, database, settings.rate_limit_per_minute, clock)
    page_admission.register(app, database, clock)
    templates.register(app)
    api.register(app)
    compat.register(app)
    desk.register(app, clock)
    embed.register(app, settings.rate_limit_per_minute, clock)
    return app
