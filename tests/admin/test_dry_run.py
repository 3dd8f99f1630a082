from core.store.runs import RunRow
from tests.support.admin_house import House
from tests.support.admin_reader import Reader, words


def tried(house: House, admin: Reader) -> int:
    """A dry run that was asked for on the page, ended with its numbers."""
    number = house.connection()
    house.run(state="done", finished_at=house.now, result={"profiles": {"created": 3}})
    admin.send(f"/admin/connections/{number}/preview")
    result = {"profiles": {"created": 12, "adopted": 4}, "skipped_because": {"no_email": 2}, "failures": []}
    return house.run(state="done", started_at=house.now, finished_at=house.now, result=result)


def test_the_button_queues_a_dry_run_and_leads_to_its_page(house: House, admin: Reader) -> None:
    number = house.connection()
    house.run(state="done", finished_at=house.now)
    house.rings.heard.clear()

    answer = admin.send(f"/admin/connections/{number}/preview")

    assert (answer.status_code, answer.location) == (302, "/admin/runs/2")
    assert house.rings.heard == [("bulk", "run_now", 2)]
    with house.world.sessions() as session:
        assert session.get_one(RunRow, 2).dry_run
    assert house.audit() == ["login", "connection.preview"]


def test_its_page_says_what_would_happen_and_that_nothing_was_written(house: House, admin: Reader) -> None:
    page = words(admin.text(f"/admin/runs/{tried(house, admin)}"))

    assert "celé CRM nanečisto" in page
    assert "Zkouška nanečisto, nic se nezapsalo. Tohle by přenos udělal." in page
    assert "Založilo by se 12 Převzalo by se 4" in page
    assert "nemají e-mail 2" in page
    assert "Spustit doopravdy" in page


def test_what_a_dry_run_counted_is_not_the_connections_state(house: House, admin: Reader) -> None:
    tried(house, admin)

    state = words(admin.text("/admin/connections/1/state"))

    assert "Vše v pořádku." in state
    assert "Založeno 3" in state


def test_while_it_goes_on_the_connection_says_that_it_is_dry(house: House, admin: Reader) -> None:
    number = house.connection()
    house.run(state="running", dry_run=True, progress={"phase": "reading", "done": 10, "of": 40})

    page = words(admin.text(f"/admin/connections/{number}"))

    assert "↻ zkouší nanečisto Čtu Raynet CRM: 10 z 40 kontaktů." in page
