from collections.abc import Callable
from typing import Any

import pytest

from core.engine import listpass
from core.store import questions
from core.store.base import look
from core.store.due import DueRow
from core.store.mirror import ProfileRow
from core.store.people import AuditRow
from core.store.questions import QuestionRow
from tests.support.admin_house import House
from tests.support.admin_reader import Reader, words

DUE: dict[str, Any] = {
    "lane": "bulk",
    "cause": "crm",
    "marked_by": "",
    "ticket": 1,
    "tries": 0,
    "mark": 1,
    "claimed_mark": None,
    "claim": None,
    "parked": "",
    "rule": "R80",
}
BRAKE = {"waiting": 2, "let_through": 0, "bindings": 40, "limit": 5, "rules": {"R80": 2}}
FACTS: dict[str, dict[str, Any]] = {
    "R75": {"compared": 100, "differed": 40, "examples": ["person:12"]},
    "R98": {"why": "eyes", "eyes": "7", "kinds": {}, "missing": 3, "examples": ["person:12"]},
    "R109": {"list": "Klienti"},
    "R110": {"recorded": "stara.cz", "found": "nova.cz"},
}


def ask(house: House, number: int, kind: str, facts: dict[str, Any]) -> None:
    with house.world.sessions.begin() as session:
        questions.ask(session, number, kind, kind, facts, house.now)


def held(house: House, *emails: str) -> int:
    """A connection whose brake holds these addresses and asks about them."""
    number = house.connection()
    list_id = house.row(number).list_id
    with house.world.sessions.begin() as session:
        for email in emails:
            session.add(DueRow(list_id=list_id, email=email, waits=f"held:{number}", due_at=house.now, **DUE))
    ask(house, number, "R96", BRAKE)
    return number


def still_open(house: House) -> list[QuestionRow]:
    return list(look(house.world.sessions, questions.open_ones))


def due(house: House) -> dict[str, tuple[str, str, str]]:
    with house.world.sessions() as session:
        return {row.email: (row.waits, row.cause, row.parked) for row in session.query(DueRow)}


def test_without_questions_the_page_says_what_would_be_here(house: House, admin: Reader) -> None:
    assert "Nic tu nečeká." in admin.text(f"/admin/connections/{house.connection()}/questions")


def test_R96_the_page_says_how_many_why_and_who(house: House, admin: Reader) -> None:
    number = held(house, "eva@firma.cz", "jan@firma.cz")
    page = words(admin.text(f"/admin/connections/{number}/questions"))

    assert "Najednou by odešly 2 kontakty." in page
    assert "2: záznam z CRM zmizel nebo přestal platit" in page
    assert "eva@firma.cz jan@firma.cz" in page


def test_R96_yes_lets_them_go(house: House, admin: Reader) -> None:
    number = held(house, "eva@firma.cz")
    path = f"/admin/connections/{number}/questions"
    page = admin.send(path, {"question": "1", "answer": "yes"}, follow_redirects=True)

    assert "Odpověď platí" in words(page.text)
    assert (due(house), still_open(house)) == ({"eva@firma.cz": ("", "released", "")}, [])


def test_R96_no_parks_them(house: House, admin: Reader) -> None:
    number = held(house, "eva@firma.cz")
    admin.send(f"/admin/connections/{number}/questions", {"question": "1", "answer": "no"})

    assert due(house) == {"eva@firma.cz": ("", "crm", "A person decided against it.")}


def test_an_answer_is_in_the_audit_log_with_who_gave_it(house: House, admin: Reader) -> None:
    number = held(house, "eva@firma.cz")
    admin.send(f"/admin/connections/{number}/questions", {"question": "1", "answer": "no"})

    with house.world.sessions() as session:
        row = session.query(AuditRow).order_by(AuditRow.id.desc()).first()
    assert row is not None
    assert (row.what, row.user_id, row.details["answer"]) == ("question.answer", 1, "no")


def test_a_question_that_somebody_answered_meanwhile_stays_answered(house: House, admin: Reader) -> None:
    number = held(house, "eva@firma.cz")
    path = f"/admin/connections/{number}/questions"
    admin.send(path, {"question": "1", "answer": "no"})
    page = admin.send(path, {"question": "1", "answer": "yes"}, follow_redirects=True)

    assert "Na tuhle otázku už někdo odpověděl." in words(page.text)
    assert due(house)["eva@firma.cz"][2] == "A person decided against it."


@pytest.mark.parametrize("form", [{"question": "1", "answer": "maybe"}, {"question": "9", "answer": "yes"}, {}])
def test_another_answer_changes_nothing(house: House, admin: Reader, form: dict[str, str]) -> None:
    number = held(house, "eva@firma.cz")

    assert admin.send(f"/admin/connections/{number}/questions", form).status_code == 400
    assert len(still_open(house)) == 1


def test_who_only_looks_sees_the_question_and_no_button(house: House, signed_in: Callable[..., Reader]) -> None:
    number = held(house, "eva@firma.cz")
    page = signed_in("viewer").text(f"/admin/connections/{number}/questions")

    assert "Najednou by odešly 2 kontakty." in words(page)
    assert "Neprovádět" not in page


@pytest.mark.parametrize(("kind", "facts"), FACTS.items())
def test_every_kind_of_question_has_words(house: House, admin: Reader, kind: str, facts: dict[str, Any]) -> None:
    number = house.connection()
    ask(house, number, kind, facts)
    page = admin.text(f"/admin/connections/{number}/questions")

    assert f'<span class="rule">{kind}</span>' in page
    assert page.count('name="answer"') == 2


def test_the_connections_page_leads_to_what_waits(house: House, admin: Reader) -> None:
    number = held(house, "eva@firma.cz")
    house.ended(number, state="asks")
    page = admin.text(f"/admin/connections/{number}")

    assert f'href="/admin/connections/{number}/questions"' in page


def test_R109_a_list_that_is_gone_is_said_without_blaming_the_credentials(house: House, admin: Reader) -> None:
    number = house.connection()
    house.change(number, state="refused", problem="list_gone", problem_text="no such list", problem_at=house.now)
    ask(house, number, "R109", FACTS["R109"])
    page = words(admin.text(f"/admin/connections/{number}"))

    assert "Seznam už v účtu není." in page
    assert "Opravit přihlašovací údaje" not in page


def test_R15_nobody_is_created_again_whom_nobody_deleted(house: House, admin: Reader) -> None:
    number = house.connection()
    path = f"/admin/connections/{number}/contacts/allow"
    page = admin.send(path, {"email": "eva@firma.cz"}, follow_redirects=True)

    assert "Kontakt ze seznamu nikdo nesmazal." in words(page.text)


def test_R15_who_was_deleted_may_be_created_again(house: House, admin: Reader) -> None:
    number = house.connection()
    row = {**listpass.blank_profile(house.row(number).list_id, "eva@firma.cz"), "known": True, "ours": True}
    with house.world.sessions.begin() as session:
        session.add(ProfileRow(**row))
    path = f"/admin/connections/{number}/contacts/allow"
    page = admin.send(path, {"email": "eva@firma.cz"}, follow_redirects=True)

    assert "Kontakt se během chvíle založí znovu." in words(page.text)
    assert due(house)["eva@firma.cz"][1] == "lifted"
