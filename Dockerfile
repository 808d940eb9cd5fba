# syntax=docker/dockerfile:1
# Two images from one file: `--target web` has no model library and no weights, `--target worker` has both.
# Both write to GAVEL_HOME only, so they run with a read-only root and as any user.

FROM python:3.13-slim AS base
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PYTHONPATH=/srv/gavel PYTHONSAFEPATH=1 GAVEL_HOME=/var/lib/gavel ORT_DISABLE_TELEMETRY=1
RUN useradd --system --uid 10001 --home-dir /var/lib/gavel --create-home --shell /usr/sbin/nologin gavel
RUN printf '#!/bin/sh\nexec python -m gavel "$@"\n' >/usr/local/bin/gavel && chmod 755 /usr/local/bin/gavel
WORKDIR /srv/gavel

FROM base AS web
COPY requirements-web.lock ./
RUN pip install --require-hashes -r requirements-web.lock
COPY migrations migrations
COPY gavel gavel
COPY moderation moderation
COPY service service
RUN python -m compileall -q gavel moderation service migrations
USER gavel
VOLUME /var/lib/gavel
ENV HOST=0.0.0.0 PORT=8000
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s CMD \
    ["python", "-c", "import os, urllib.request as r; r.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/healthz', timeout=2)"]
CMD ["gavel", "serve"]

FROM base AS worker
COPY requirements-worker.lock ./
RUN pip install --require-hashes -r requirements-worker.lock
COPY migrations migrations
COPY models models
COPY gavel gavel
COPY moderation moderation
COPY workers workers
RUN python -m compileall -q gavel moderation workers
USER gavel
VOLUME /var/lib/gavel
ENV HOST=0.0.0.0
CMD ["gavel", "worker"]
