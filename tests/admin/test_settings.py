from typing import Any

from cryptography.fernet import Fernet

from core.outgoing.vault import FernetVault
from tests.support.admin_house import RAYNET_KEY, House
from tests.support.admin_reader import Reader, words

SECRET_LEFT = RAYNET_KEY[:-4]


def sent(**changes: Any) -> dict[str, Any]:
    kept = {
        "about.name": "Raynet CRM → Klienti",
        "crm.username": "api@example.com",
        "crm.api_key": "",
        "crm.instance": "demo-crm",
        "own.respect_do_not_send": "true",
        "own.write_fields": "true",
        "own.on_delete": "keep",
        "own.read_every_seconds": "60",
    }
    return {name: value for name, value in (kept | changes).items() if value is not None}


def path(number: int) -> str:
    return f"/admin/connections/{number}/settings"


def test_a_saved_secret_shows_its_last_four_characters_alone(house: House, admin: Reader) -> None:
    page = admin.text(path(house.connection()))

    assert "Uloženo, končí na …0001. Nechte prázdné, pokud se nemění." in page
    assert SECRET_LEFT not in page


def test_a_changed_setting_is_kept_and_the_others_stay(house: House, admin: Reader) -> None:
    number = house.connection()

    answer = admin.send(path(number), sent(**{"own.on_delete": "tag"}))

    assert answer.status_code == 302
    assert house.row(number).settings["on_delete"] == "tag"
    assert house.row(number).settings["instance"] == "demo-crm"
    assert house.world.vault.open(house.row(number).crm_sealed) == {"api_key": RAYNET_KEY}
    assert house.audit() == ["login", "connection.settings"]


def test_nothing_changed_leaves_the_version_as_it_was(house: House, admin: Reader) -> None:
    number = house.connection()

    admin.send(path(number), sent())

    assert house.row(number).settings_version == 1


def test_a_new_key_that_is_refused_is_not_saved(house: House, admin: Reader) -> None:
    number = house.connection()

    answer = admin.send(path(number), sent(**{"crm.api_key": "špatný"}))

    assert answer.status_code == 422
    assert "Raynet CRM tento klíč odmítl." in answer.text
    assert house.world.vault.open(house.row(number).crm_sealed) == {"api_key": RAYNET_KEY}


def test_a_number_out_of_its_range_is_told_with_the_range(house: House, admin: Reader) -> None:
    answer = admin.send(path(house.connection()), sent(**{"own.read_every_seconds": "5"}))

    assert answer.status_code == 422
    assert "Číst CRM každých (s): napište číslo od 10 do 86" in answer.text


def test_a_word_instead_of_a_number_is_told(house: House, admin: Reader) -> None:
    answer = admin.send(path(house.connection()), sent(**{"own.read_every_seconds": "šest"}))

    assert "Číst CRM každých (s): napište celé číslo." in answer.text
    assert 'value="šest"' in answer.text


def test_switching_both_addresses_on_asks_for_a_run_at_once(house: House, admin: Reader) -> None:
    number = house.connection()
    house.run(state="done", finished_at=house.now)
    house.rings.heard.clear()

    admin.send(path(number), sent(**{"crm.both_emails": "true"}))

    assert house.row(number).settings["both_emails"] is True
    assert [task for _, task, _ in house.rings.heard] == ["run_now"]


def test_the_audit_names_what_changed_and_no_value(house: House, admin: Reader) -> None:
    number = house.connection()

    admin.send(path(number), sent(**{"crm.api_key": RAYNET_KEY, "own.on_delete": "tag"}))

    assert RAYNET_KEY not in house.audit_text()
    assert "on_delete" in house.audit_text()


def test_every_setting_has_words_of_its_own(house: House, admin: Reader) -> None:
    page = words(admin.text(path(house.connection())))

    assert "Přenášet obě e-mailové adresy z profilu kontaktu" in page
    assert "Pravidla přenosu" in page


def test_a_connection_is_renamed_and_nothing_else_changes(house: House, admin: Reader) -> None:
    number = house.connection()

    answer = admin.send(path(number), sent(**{"about.name": "  Brno \n a okolí "}), follow_redirects=True)

    assert "<h1>Brno a okolí</h1>" in answer.text
    assert (house.row(number).name, house.row(number).settings_version) == ("Brno a okolí", 1)
    assert "Klienti" not in house.audit_text()


def test_a_connection_needs_a_name(house: House, admin: Reader) -> None:
    number = house.connection()

    answer = admin.send(path(number), sent(**{"about.name": ""}))

    assert answer.status_code == 422
    assert "Vyplňte pole Název propojení." in answer.text


def test_secrets_that_no_key_opens_are_asked_for_again(house: House, admin: Reader) -> None:
    number = house.connection()
    house.change(number, crm_sealed=FernetVault([Fernet.generate_key().decode()]).seal({"api_key": "x"}))

    assert "Uloženo" not in admin.text(path(number))
    answer = admin.send(path(number), sent(**{"crm.api_key": RAYNET_KEY}))

    assert answer.status_code == 302
    assert house.world.vault.open(house.row(number).crm_sealed) == {"api_key": RAYNET_KEY}
