import pytest

from core.store.runs import RunRow
from tests.support.admin_house import House
from tests.support.admin_reader import Reader, words


def test_the_question_says_what_ends_and_what_stays(house: House, admin: Reader) -> None:
    page = words(admin.text(f"/admin/connections/{house.connection()}/remove"))

    assert "Odebrat propojení Raynet CRM → Klienti?" in page
    assert "Uložené přihlašovací údaje se smažou" in page
    assert "Všechny profily v seznamu i s údaji, štítky a stavem odběru." in page


def test_asking_removes_nothing(house: House, admin: Reader) -> None:
    number = house.connection()

    admin.text(f"/admin/connections/{number}/remove")

    assert house.row(number).state == "running"


def test_R83_the_answer_wipes_the_credentials_and_ends_what_waited(house: House, admin: Reader) -> None:
    number = house.connection()

    answer = admin.send(f"/admin/connections/{number}/remove", follow_redirects=True)

    row = house.row(number)
    assert (row.state, row.crm_sealed, row.audience_sealed, row.token_sealed) == ("removed", "", "", "")
    assert "Propojení Raynet CRM → Klienti je odebráno. Profily v seznamu zůstaly." in words(answer.text)
    assert house.audit() == ["login", "connection.remove"]
    with house.world.sessions() as session:
        assert [run.state for run in session.query(RunRow)] == ["paused"]


@pytest.mark.parametrize("method", ["open", "send"])
def test_a_removed_connection_cannot_be_removed_again(house: House, admin: Reader, method: str) -> None:
    number = house.connection()
    admin.send(f"/admin/connections/{number}/remove")

    assert getattr(admin, method)(f"/admin/connections/{number}/remove").status_code == 404
