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
    }
)
"""Rules as in a policy's document, by a name for forms."""

OFFERS: Mapping[str, str] = MappingProxyType(
    {
        "newcomers": "The first three comments of a new author go to a person",
        "newcomers-links": "Links by authors with fewer than three comments online go to a person",
    }
)
"""Each of the rules as a sentence."""
