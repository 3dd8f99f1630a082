from core.store import takebacks
from core.store.journal import TimelineRow
from core.store.takebacks import TakeBackRow
from tests.support.admin_house import House
from tests.support.admin_reader import Reader, words

EVA = "eva@firma.cz"


def written(house: House, number: int, run: int | None, what: str = "updated") -> int:
    """A line of Eva's timeline, as a run left it; its number."""
    with house.world.sessions.begin() as session:
        row = TimelineRow(connection_id=number, email=EVA, run_id=run, at=house.now, cause="crm", rule="R21")
        row.what, row.changes, row.result = what, {"name": ["Eva", "Evina"]}, ""
        session.add(row)
        session.flush()
        return row.id


def test_R35_before_anything_happens_the_page_says_what_and_what_not(house: House, admin: Reader) -> None:
    number = house.connection()
    run = house.ended(number, created=3)
    written(house, number, run)
    assert "Vrátit tento přenos zpět…" in admin.text(f"/admin/runs/{run}")
    page = words(admin.text(f"/admin/connections/{number}/undo?run={run}"))

    assert f"Vrátit zpět přenos {run}?" in page
    assert "Údaje 1 kontaktu v seznamu." in page
    assert "3 založené kontakty." in page
    assert "Evina Eva" in page


def test_R35_the_button_starts_a_run_and_shows_it(house: House, admin: Reader) -> None:
    number = house.connection()
    house.run(state="done")
    run = house.ended(number)
    written(house, number, run)
    page = admin.send(f"/admin/connections/{number}/undo", {"run": str(run)}, follow_redirects=True)

    assert "vrácení zpět" in words(page.text)
    assert house.audit()[-1] == "undo"


def test_R35_an_entry_is_taken_back_from_the_timeline(house: House, admin: Reader) -> None:
    number = house.connection()
    entry = written(house, number, None)
    assert f"undo?entry={entry}" in admin.text(f"/admin/connections/{number}/contacts?q={EVA}")

    assert "Vrátit zpět jeden zápis?" in words(admin.text(f"/admin/connections/{number}/undo?entry={entry}"))
    assert f"kontaktu {EVA}" in words(admin.text(f"/admin/connections/{number}/undo?email={EVA}"))


def test_R35_where_nothing_can_be_taken_back_there_is_no_button(house: House, admin: Reader) -> None:
    number = house.connection()
    run = house.ended(number, created=1)
    page = words(admin.text(f"/admin/connections/{number}/undo?run={run}"))

    assert "Není tu nic, co by se dalo vrátit." in page
    sent = admin.send(f"/admin/connections/{number}/undo", {"run": str(run)}, follow_redirects=True)
    assert "Není co vracet." in words(sent.text)


def test_R35_what_was_left_is_shown_with_its_reason(house: House, admin: Reader) -> None:
    number = house.connection()
    run = house.ended(number)
    house.run(run, mode="undo", result={"undo": {"list": 4, "left": 1}})
    with house.world.sessions.begin() as session:
        left = {"run_id": run, "connection_id": number, "list_id": 1, "email": EVA, "to_crm": False, "at": house.now}
        session.add(TakeBackRow(**left, field="name", was="Evina", value="Eva", state="edited"))
        assert takebacks.OPEN == ""
    page = words(admin.text(f"/admin/runs/{run}"))

    assert "Vráceno v seznamu 4" in page
    assert "Evina Eva Někdo ho mezitím upravil." in page


def test_what_is_not_there_can_not_be_taken_back(house: House, admin: Reader) -> None:
    number = house.connection()

    assert admin.open(f"/admin/connections/{number}/undo?run=99").status_code == 404
    assert admin.open(f"/admin/connections/{number}/undo?entry=99").status_code == 404
    assert admin.open(f"/admin/connections/{number}/undo").status_code == 400
