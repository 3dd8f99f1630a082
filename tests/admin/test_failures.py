from datetime import timedelta
from typing import Any

from core.store.due import DueRow
from core.store.journal import TimelineRow
from core.store.records import RecordAddressRow, RecordRow
from tests.support.admin_house import House
from tests.support.admin_reader import Reader, words

WHY = "Ecomail říká, že to není telefonní číslo. Opravte ho v Raynetu; pak se to zkusí znovu."


def park(house: House, number: int, *emails: str) -> None:
    list_id = house.row(number).list_id
    with house.world.sessions.begin() as session:
        for record, email in enumerate(emails, start=12):
            session.add(DueRow(list_id=list_id, email=email, parked=WHY, rule="R92", due_at=house.now, **DUE))
            session.add(
                RecordAddressRow(
                    connection_id=number,
                    kind="person",
                    record_id=str(record),
                    slot=1,
                    list_id=list_id,
                    email=email,
                    typed=email,
                    standing="",
                    note="",
                    ticket=1,
                )
            )


DUE: dict[str, Any] = {
    "lane": "bulk",
    "cause": "run",
    "marked_by": "",
    "ticket": 1,
    "tries": 1,
    "mark": 1,
    "claimed_mark": None,
    "waits": "",
    "claim": None,
}


def parked(house: House) -> list[str]:
    with house.world.sessions() as session:
        return [row.email for row in session.query(DueRow).order_by(DueRow.email) if row.parked]


def test_without_failures_the_page_says_what_would_be_here(house: House, admin: Reader) -> None:
    page = admin.text(f"/admin/connections/{house.connection()}/failures")

    assert "Nic tu nečeká." in page


def test_a_failure_shows_its_reason_and_record(house: House, admin: Reader) -> None:
    number = house.connection()
    park(house, number, "eva@firma.cz")

    page = words(admin.text(f"/admin/connections/{number}/failures"))

    assert "1 kontakt čeká na opravu. Ostatní běží dál." in page
    assert "eva@firma.cz osoba 12 Vestavěný seznam kontakt odmítl. Opravte ho v Raynet CRM" in page
    assert f"{WHY} R92" in page


def test_one_failure_is_tried_again(house: House, admin: Reader) -> None:
    number = house.connection()
    park(house, number, "eva@firma.cz", "petr@firma.cz")

    answer = admin.send(f"/admin/connections/{number}/failures/again", {"email": "eva@firma.cz"}, follow_redirects=True)

    assert "Zkoušíme znovu 1 kontakt." in words(answer.text)
    assert parked(house) == ["petr@firma.cz"]


def test_all_failures_are_tried_again(house: House, admin: Reader) -> None:
    number = house.connection()
    park(house, number, "eva@firma.cz", "petr@firma.cz")

    answer = admin.send(f"/admin/connections/{number}/failures/again", follow_redirects=True)

    assert "Zkoušíme znovu 2 kontakty." in words(answer.text)
    assert parked(house) == []


def test_failures_are_counted_on_the_connections_page(house: House, admin: Reader) -> None:
    number = house.connection()
    house.run(state="done", finished_at=house.now)
    house.ended(number, failed=2)
    park(house, number, "eva@firma.cz", "petr@firma.cz")

    page = words(admin.text(f"/admin/connections/{number}"))

    assert "! s chybami 2 kontakty se nepřenesly." in page


def test_many_failures_come_fifty_a_page(house: House, admin: Reader) -> None:
    number = house.connection()
    park(house, number, *(f"osoba{count:02}@firma.cz" for count in range(51)))

    first = admin.text(f"/admin/connections/{number}/failures")
    second = admin.text(f"/admin/connections/{number}/failures?page=2")

    assert (first.count('name="email"'), second.count('name="email"')) == (50, 1)
    assert 'rel="next"' in first
    assert "2. strana z 2" in second


def test_a_contacts_timeline_is_found_by_email(house: House, admin: Reader) -> None:
    number = house.connection()
    with house.world.sessions.begin() as session:
        session.add(
            TimelineRow(
                connection_id=number,
                email="eva@firma.cz",
                run_id=None,
                at=house.now - timedelta(days=1),
                cause="bell",
                rule="R21",
                what="change",
                changes={"phone": ["111", "<222>"]},
                result="changed",
            )
        )

    page = admin.text(f"/admin/connections/{number}/contacts?q=+EVA@firma.cz")

    assert "1 rozhodnutí, od nejstaršího." in words(page)
    assert "R21" in page
    assert "Telefon 111 &lt;222&gt;" in words(page)


def test_an_address_typed_in_part_leads_to_those_that_contain_it(house: House, admin: Reader) -> None:
    number = house.connection()
    park(house, number, "eva@firma.cz", "petr@jinde.cz")

    page = words(admin.text(f"/admin/connections/{number}/contacts?q=firma"))

    assert "Podobají se jí: eva@firma.cz" in page
    assert "petr@jinde.cz" not in page


def test_an_address_nobody_knows_is_told_as_such(house: House, admin: Reader) -> None:
    page = words(admin.text(f"/admin/connections/{house.connection()}/contacts?q=nikdo@firma.cz"))

    assert "O této adrese zatím nic nevíme." in page


def test_a_contact_that_failed_says_so_before_its_timeline(house: House, admin: Reader) -> None:
    number = house.connection()
    park(house, number, "eva@firma.cz")

    page = words(admin.text(f"/admin/connections/{number}/contacts?q=eva@firma.cz"))

    assert WHY in page
    assert "Raynet CRM: osoba 12" in page


def test_an_unreadable_record_is_told_in_the_readers_words_first(house: House, admin: Reader) -> None:
    number = house.connection()
    said = "person:12, birthday: Raynet sent something else than a date."
    unread(house, number, said)

    page = words(admin.text(f"/admin/connections/{number}/failures"))

    assert f"– osoba 12 Záznam nejde přečíst. Opravte ho v Raynet CRM, pak se přečte znovu. {said} R93" in page


def test_a_record_is_a_link_to_where_it_is_mended(house: House, admin: Reader) -> None:
    number = house.connection()
    park(house, number, "eva@firma.cz")

    page = admin.text(f"/admin/connections/{number}/failures")

    assert 'href="https://app.raynet.cz/demo-crm/?view=DetailView&amp;en=person&amp;ei=12"' in page


def test_a_run_says_of_each_failure_why_and_what_to_do(house: House, admin: Reader) -> None:
    number = house.connection()
    park(house, number, "eva@firma.cz")
    failures = [{"record": "person:12", "email": "eva@firma.cz", "error": WHY}]
    run = house.run(state="failed", finished_at=house.now, result={"failures": failures})

    page = words(admin.text(f"/admin/runs/{run}"))

    assert f"Opravte ho v Raynet CRM, pak se zkusí znovu sám. {WHY} R92" in page


def unread(house: House, number: int, fault: str) -> None:
    with house.world.sessions.begin() as session:
        session.add(
            RecordRow(
                connection_id=number,
                kind="person",
                record_id="12",
                sort_key="12",
                version=1,
                ticket=1,
                found="backfill",
                standing="usual",
                mailable=True,
                created_at=None,
                fields={},
                one_way=[],
                tags=[],
                lends=[],
                digest="",
                fault=fault,
            )
        )
