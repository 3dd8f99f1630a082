"""Why is this contact as it is? The timeline's answer, in both languages (R95)."""

from core.engine import explaining
from core.engine.explaining import Line, Standing
from plugins.ecomail.sandbox.store import UNSUBSCRIBED
from tests.support.worlds import House


def explain(house: House, connection: int, email: str) -> list[Line]:
    with house.world.sessions() as session:
        return explaining.explain(session, connection, email)


def standing(house: House, connection: int, email: str) -> Standing | None:
    with house.world.sessions() as session:
        return explaining.standing(session, connection, email)


def test_R95_a_creation_is_one_line_without_values(house: House) -> None:
    house.person("eva@firma.cz", firstName="Eva")
    connection = house.connect()
    house.sync(connection)
    (line,) = explain(house, connection, "eva@firma.cz")
    assert (line.rule, line.what, line.cause, line.changes, line.result) == ("R11", "created", "crm", {}, "done")
    assert line.sentence_cs == "Nový profil: vytvořen v seznamu se všemi údaji."
    assert line.sentence_en == "New profile: created in the list with all its data."
    assert line.at == house.clock.now()


def test_R95_an_edit_says_what_changed_from_what_to_what(house: House) -> None:
    person = house.person("eva@firma.cz", firstName="Eva")
    connection = house.connect()
    house.sync(connection)
    house.raynet.edit_person(person, firstName="Jana")
    house.sync(connection, "changes")
    lines = explain(house, connection, "eva@firma.cz")
    assert [line.rule for line in lines] == ["R11", "R21"]
    assert lines[-1].changes == {"name": ("Eva", "Jana")}


def test_R95_a_run_that_found_nothing_to_do_adds_no_line(house: House) -> None:
    house.person("eva@firma.cz")
    connection = house.connect()
    house.sync(connection)
    house.sync(connection)
    assert len(explain(house, connection, "eva@firma.cz")) == 1


def test_R95_a_refusal_is_in_the_timeline_with_its_rule(house: House) -> None:
    house.ecomail.account.add_list("Novinky")
    house.member("eva@firma.cz", status=UNSUBSCRIBED, list_id=2)
    house.person("eva@firma.cz")
    house.person("jan@firma.cz")
    connection = house.connect()
    house.sync(connection)
    house.ecomail.delete_contact("jan@firma.cz")
    house.sync(connection)
    assert house.rules(connection, "eva@firma.cz") == ["R17"]
    assert house.rules(connection, "jan@firma.cz") == ["R11", "R15"]


def test_an_address_is_explained_however_it_is_written(house: House) -> None:
    house.person("eva@firma.cz")
    connection = house.connect()
    house.sync(connection)
    assert len(explain(house, connection, " Eva <EVA@firma.cz>")) == 1


def test_an_address_nobody_heard_of_has_no_lines_and_no_standing(house: House) -> None:
    connection = house.connect()
    assert (explain(house, connection, "kdo@firma.cz"), standing(house, connection, "kdo@firma.cz")) == ([], None)


def test_how_a_contact_stands_names_its_records_and_the_last_outcome(house: House) -> None:
    person = house.person("eva@firma.cz")
    company = house.company("eva@firma.cz")
    connection = house.connect()
    house.sync(connection)
    found = standing(house, connection, "eva@firma.cz")
    assert found == Standing("eva@firma.cz", (f"person:{person}", f"company:{company}"), "created", "", "")


def test_a_skipped_contact_says_why(house: House) -> None:
    house.raynet.invalidate_person(house.person("eva@firma.cz"))
    connection = house.connect()
    house.sync(connection)
    found = standing(house, connection, "eva@firma.cz")
    assert found is not None
    assert (found.outcome, found.why) == ("skipped", "invalid_record")
