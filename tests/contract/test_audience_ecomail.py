"""Ecomail keeps the contract of every audience, in both positions of what nobody knows about it."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from plugins.ecomail.sandbox import EcomailEmulator
from spojka import Audience, Profile
from spojka.checks.audience import AudienceContract, Seed
from tests.support.ecomail_account import a_list, an_audience, an_emulator, put

POSITIONS: tuple[Mapping[str, Any], ...] = (
    {},
    {"tags": "merge"},
    {"diacritic_keys": "ascii"},
    {"page_fields": "all", "source_lands": "both", "source_changes": True},
    {"cleared_fields": "dropped", "empty_fields": "text"},
    {"email_case": "kept", "list_ids": "text", "order": "newest_first", "nulls": "clears"},
    {"bad_row": "store_good_rows", "duplicates": "first", "tag_length": "cut", "over_length": "ignored"},
    {"long_pages": "refused", "tag_length": "bytes", "wrong_type": "refused", "unknown_keys": "ignored"},
)


class TestEcomailAudience(AudienceContract):
    @pytest.fixture(params=POSITIONS, ids=lambda switches: ",".join(switches) or "defaults")
    def emulator(self, request: pytest.FixtureRequest) -> EcomailEmulator:
        return an_emulator(**request.param)

    @pytest.fixture
    def audience(self, emulator: EcomailEmulator) -> Audience:
        return an_audience(emulator)

    @pytest.fixture
    def contact_list(self, emulator: EcomailEmulator) -> str:
        return a_list(emulator)

    @pytest.fixture
    def seed(self, emulator: EcomailEmulator, contact_list: str) -> Seed:
        def place(profiles: Sequence[Profile]) -> None:
            for each in profiles:
                put(emulator, contact_list, each)

        return place
