"""The last nightly compare on a connection's page (R75), and how its questions look (R98)."""

from typing import Any

import pytest

from core.decide.absence import Doubt
from core.store import nights, questions
from core.store.base import transact
from tests.support.admin_house import House
from tests.support.admin_reader import Reader, words

FOUND = {"listed": 3000, "unseen": 0, "gone": 0, "renamed": 0, "compared": 1234, "differed": 3, "repaired": 3}


def slept(house: House, number: int) -> None:
    """A night that found something."""
    row: dict[str, Any] = {"connection_id": number, "at": house.now, "turn": 0, "doubts": {}, **FOUND}
    transact(house.world.sessions, lambda session: nights.save(session, row))


def test_R75_the_page_says_how_many_differed_and_were_repaired(house: House, admin: Reader) -> None:
    number = house.connection()
    slept(house, number)

    page = words(admin.text(f"/admin/connections/{number}"))

    assert "Porovnané záznamy: 1 234, lišily se: 3, opravené: 3." in page


def test_R73_before_the_first_night_nothing_is_said_of_it(house: House, admin: Reader) -> None:
    assert "Noční porovnání" not in words(admin.text(f"/admin/connections/{house.connection()}"))


@pytest.mark.parametrize("why", [*map(str, Doubt), "malformed", "unreachable", "crashed"])
def test_R98_every_doubt_of_a_night_is_a_question_in_words(house: House, admin: Reader, why: str) -> None:
    number, facts = house.connection(), {"why": why}
    more = {"eyes": "7", "kinds": {}, "missing": 3, "examples": ["person:12"]} if why in set(Doubt) else {"text": "x"}
    with house.world.sessions.begin() as session:
        questions.ask(session, number, "R98", f"night:{why}", {**facts, **more}, house.now)

    page = words(admin.text(f"/admin/connections/{number}/questions"))

    assert ("klíč" if why == "eyes" else "nedalo věřit") in page
