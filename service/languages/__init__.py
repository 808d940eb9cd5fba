"""The languages that pages speak: English in the code, every other one in a file of ``service/translations``."""

from __future__ import annotations
