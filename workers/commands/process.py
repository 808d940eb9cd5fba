"""The start that all processes of the workers share."""

from __future__ import annotations

from moderation.ground.environment.settings import Settings
from moderation.ground.monitoring import instruments
from moderation.operations.operating import home
from workers.queue import metrics

MAINTENANCE_INTERVAL_S = 15
WORKER_TTL_S = 60


def begin(settings: Settings) -> None:
    """Starts the metrics. Raises SettingsError if a password is one of those in our examples."""
    settings.refuse_placeholders()
    home.enter(settings.gavel_home)
    instruments.share(settings.gavel_home / "metrics")
    metrics.serve(settings.host, settings.metrics_port)
