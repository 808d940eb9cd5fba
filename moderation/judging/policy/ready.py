"""Rules that many newsrooms want and that a site can take over as they are. The policy page offers them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

READY: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "newcomers": {
            "signal": "author.published",
            "below": 3,
            "action": "flag",
            "label": "One of a new author's first three comments",
        },
        "newcomers-links": {
            "all": [{"signal": "author.published", "below": 3}, {"signal": "links", "at_least": 1}],
            "action": "flag",
            "label": "A newcomer's link",
        },
        "newcomers-doubtful-links": {
            "all": [
                {"signal": "author.published", "below": 3},
                {"signal": "links", "at_least": 1},
                {"signal": "spam", "at_least": 0.05},
            ],
            "action": "flag",
            "label": "A newcomer's link that may be spam",
        },
        "newcomers-contacts": {
            "all": [{"signal": "author.published", "below": 3}, {"signal": "contacts", "at_least": 1}],
            "action": "flag",
            "label": "A newcomer's contact",
        },
    }
)
"""Rules as in a policy's document, by a name for forms."""

OF_NEW_SITES = ("newcomers-doubtful-links", "newcomers-contacts")
"""Those that a new site starts with. ``training.spam.newcomers`` measures the price of each."""
