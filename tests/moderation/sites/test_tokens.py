"""Secrets of sites: their form, and the ids by which people name them."""

from __future__ import annotations

import re

import pytest

from moderation.ground.errors import NotFound
from moderation.sites import tokens

ID = "0190b5a2-7c1e-7d4f-8a3b-1c2d3e4f5a6b"


def test_a_secret_has_256_bits_and_no_capitals() -> None:
    secrets = {tokens.new_token("gvl_") for _ in range(100)}

    assert len(secrets) == 100
    assert all(re.fullmatch(r"gvl_[a-z2-7]{52}", token) for token in secrets)


@pytest.mark.parametrize("written", [ID, ID.upper(), ID.replace("-", ""), f"{{{ID}}}"])
def test_an_id_is_known_in_each_of_its_forms(written: str) -> None:
    assert tokens.known_form("key", written) == ID


@pytest.mark.parametrize("written", ["", "our paper", ID[:-1], f"{ID}0"])
def test_an_id_of_another_form_is_not_found(written: str) -> None:
    with pytest.raises(NotFound, match="reader secret"):
        tokens.known_form("reader secret", written)
