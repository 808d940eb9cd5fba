"""A house in which people take measures about an author."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from moderation.ground.database.engine import Database
from moderation.sites.sites import NewSite
from tests.service.api.statements.test_measures import House
from tests.service.conftest import Caller


@pytest.fixture
def house(api: Caller, client: FlaskClient, database: Database, site: NewSite) -> House:
    return House(api, client, database, site)
