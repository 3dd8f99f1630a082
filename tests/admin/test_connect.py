import re
from typing import Any

import pytest
from sqlalchemy import func, select

from core.store.connections import ConnectionRow
from spojka.emulator import Fault
from tests.support.admin_house import ECOMAIL_KEY, RAYNET_KEY, House
from tests.support.admin_reader import Reader, words

NEW, TEST, LISTS = "/admin/connections/new", "/admin/connections/test", "/admin/connections/lists"
HTMX = {"HX-Request": "true"}


def filled(house: House, **changes: Any) -> dict[str, Any]:
    values = {
        "plugin": "raynet",
        "audience": "ecomail",
        "audience.ecomail.api_key": ECOMAIL_KEY,
        "list.ecomail": house.list_id,
        "crm.username": "api@example.com",
        "crm.api_key": RAYNET_KEY,
        "crm.instance": "demo-crm",
    }
    return {name: value for name, value in (values | changes).items() if value is not None}


def count(house: House) -> int:
    with house.world.sessions() as session:
        return session.scalar(select(func.count()).select_from(ConnectionRow)) or 0


def test_an_empty_house_offers_one_button(admin: Reader) -> None:
    page = admin.text("/admin/")

    assert "Zatím není nic propojené" in page
    assert page.count('role="button"') == 1
    assert "Připojit CRM" in page


def test_the_form_asks_in_the_order_of_the_schema_with_the_list_first_and_the_switch_last(admin: Reader) -> None:
    names = re.findall(r'name="((?:audience|list|crm)[^"]*)"', admin.text(NEW))

    assert names == [
        *("audience", "audience.ecomail.api_key", "list.ecomail", "audience", "list.local"),
        *("crm.username", "crm.api_key", "crm.instance", "crm.both_emails"),
    ]


def test_each_field_says_where_its_value_is_found(admin: Reader) -> None:
    page = words(admin.text(NEW))

    assert "V Raynetu: Nastavení → Pro vývojáře → API klíče." in page
    assert "V Raynetu: Podpora → O aplikaci RAYNET CRM." in page
    assert "V Ecomailu: Nastavení → Pro vývojáře → API klíče." in page


def test_a_test_says_what_it_found_and_saves_nothing(house: House, admin: Reader) -> None:
    page = words(admin.send(TEST, filled(house), headers=HTMX).text)

    assert "Propojeno. Uživatel api@example.com, 45 kontaktů, dnes zbývá 23 999 z 24 000 dotazů." in page
    assert "Spojka přečte 45 kontaktů (1 dotazem) a doplní je do seznamu." in page
    assert "Zatím se nikam nic nezapsalo." in page
    assert count(house) == 0


def test_a_refused_key_is_told_in_words_that_help(house: House, admin: Reader) -> None:
    page = words(admin.send(TEST, filled(house, **{"crm.api_key": "špatný"}), headers=HTMX).text)

    assert "tento klíč odmítl. Zkontrolujte, že je vložen celý a že patří k uživateli api@example.com." in page
    assert "Ověřte i pole Název instance („demo-crm“). V Raynetu: Podpora → O aplikaci RAYNET CRM." in page


def test_a_refused_key_of_the_list_is_not_blamed_on_the_crm(house: House, admin: Reader) -> None:
    page = words(admin.send(TEST, filled(house, **{"audience.ecomail.api_key": "špatný"}), headers=HTMX).text)

    assert "Ecomail tento klíč odmítl." in page


def test_a_test_without_scripts_answers_with_the_whole_page_and_all_that_was_typed(house: House, admin: Reader) -> None:
    answer = admin.send(TEST, filled(house, **{"crm.both_emails": "true"}))

    assert answer.status_code == 200
    assert "Propojeno. Uživatel api@example.com" in answer.text
    assert f'value="{RAYNET_KEY}"' in answer.text
    assert re.search(r'name="crm.both_emails" value="true" checked', answer.text)
    assert re.search(rf'<option value="{house.list_id}" selected>', answer.text)


def test_missing_values_stand_as_links_at_the_top_and_beside_their_fields(house: House, admin: Reader) -> None:
    answer = admin.send(NEW, filled(house, **{"crm.instance": "", "list.ecomail": ""}))

    assert answer.status_code == 422
    assert '<a href="#list-ecomail">Vyberte seznam, který se má plnit.</a>' in answer.text
    assert '<a href="#crm-instance">Raynet CRM: Vyplňte pole Název instance.</a>' in answer.text
    assert 'id="crm-instance-error"' in answer.text
    assert 'value="api@example.com"' in answer.text
    assert count(house) == 0


def test_too_long_a_value_is_told_with_the_limit(house: House, admin: Reader) -> None:
    page = words(admin.send(NEW, filled(house, **{"crm.instance": "x" * 201})).text)

    assert "Název instance: nejvýše 200 znaků, zkraťte to." in page


def test_the_lists_of_the_account_are_offered_by_name(house: House, admin: Reader) -> None:
    page = admin.send(LISTS, filled(house, **{"list.ecomail": ""}), headers=HTMX).text

    assert f'<option value="{house.list_id}">Odběratelé (0)</option>' in page
    assert "<html" not in page


def test_lists_need_the_accounts_key_first(house: House, admin: Reader) -> None:
    page = admin.send(LISTS, filled(house, **{"audience.ecomail.api_key": ""}), headers=HTMX).text

    assert "Nejdřív vložte přístup k účtu, pak se seznamy načtou." in page


def test_a_list_that_the_account_does_not_have_is_named_and_the_others_are_offered(house: House, admin: Reader) -> None:
    answer = admin.send(NEW, filled(house, **{"list.ecomail": "999"}))

    assert answer.status_code == 422
    assert "Seznam „999“ v tomto účtu není. Vyberte jiný." in answer.text
    assert "Odběratelé (0)" in answer.text


def test_saving_tests_first_and_saves_nothing_that_was_refused(house: House, admin: Reader) -> None:
    answer = admin.send(NEW, filled(house, **{"crm.api_key": "špatný"}))

    assert answer.status_code == 422
    assert '<a href="#crm-api-key">Raynet CRM tento klíč odmítl.' in answer.text
    assert count(house) == 0


def test_a_saved_connection_starts_its_first_run_and_is_in_the_audit(house: House, admin: Reader) -> None:
    answer = admin.send(NEW, filled(house))

    assert (answer.status_code, answer.location) == (302, "/admin/connections/1")
    assert house.rings.heard == [("bulk", "run_now", 1)]
    assert house.audit() == ["login", "connection.create"]


def test_the_embedded_list_needs_a_name_alone(house: House, admin: Reader) -> None:
    answer = admin.send(NEW, filled(house, audience="local", **{"list.local": "Klienti"}))

    assert answer.location == "/admin/connections/1"
    assert "Klienti" in admin.text("/admin/")


@pytest.mark.parametrize("path", [NEW, TEST, LISTS])
def test_a_form_that_names_no_known_plugin_is_the_empty_form_again(house: House, admin: Reader, path: str) -> None:
    answer = admin.send(path, {"plugin": "../etc", "audience": "nic"})

    assert answer.status_code in (200, 422)
    assert "Připojit Raynet CRM" in answer.text


def test_a_vendor_that_does_not_answer_is_told_as_such(house: House, admin: Reader) -> None:
    house.raynet.fail(Fault("status", path="/api/v2/security", status=502, times=9))

    page = words(admin.send(TEST, filled(house), headers=HTMX).text)

    assert "Raynet CRM neodpovídá. Nic se nezapsalo; zkuste to za chvíli znovu." in page


def doubled(house: House) -> str:
    """One more list, which asks its subscribers to confirm; its id."""
    return str(house.ecomail.account.add_list("Novinky", double_optin=True).id)


def test_R101_a_double_opt_in_list_asks_how_its_contacts_are_added(house: House, admin: Reader) -> None:
    doubled(house)

    page = admin.send(LISTS, filled(house), headers=HTMX).text

    assert 'class="double">Novinky (0)' in page
    assert "Tento seznam posílá každému novému odběrateli žádost o potvrzení." in page
    assert 'name="own.double_opt_in"' in page


def test_R101_without_such_a_list_nothing_is_asked(house: House, admin: Reader) -> None:
    assert "own.double_opt_in" not in admin.send(LISTS, filled(house), headers=HTMX).text


@pytest.mark.parametrize(("answer", "kept"), [(None, "skip"), ("ask", "ask")])
def test_R101_the_answer_is_kept_and_confirmation_is_skipped_where_nobody_answered(
    house: House, admin: Reader, answer: str | None, kept: str
) -> None:
    sent = filled(house, **{"list.ecomail": doubled(house), "own.double_opt_in": answer})

    admin.send(NEW, sent)

    assert house.row(1).settings["double_opt_in"] == kept


def test_a_test_also_loads_the_lists(house: House, admin: Reader) -> None:
    page = admin.send(TEST, filled(house, **{"list.ecomail": "Odběratelé"}), headers=HTMX).text

    assert '<div id="list-of-ecomail" hx-swap-oob="true">' in page
    assert f'<option value="{house.list_id}" selected>Odběratelé (0)</option>' in page


def test_a_list_that_is_not_there_is_told_beside_a_test_that_went_well(house: House, admin: Reader) -> None:
    page = words(admin.send(TEST, filled(house, **{"list.ecomail": "999"}), headers=HTMX).text)

    assert "Propojeno. Uživatel api@example.com" in page
    assert "Seznam „999“ v tomto účtu není. Vyberte jiný." in page


def test_a_form_that_comes_back_keeps_its_list_picker(house: House, admin: Reader) -> None:
    answer = admin.send(NEW, filled(house, **{"crm.api_key": "špatný"}))

    assert answer.status_code == 422
    assert f'<option value="{house.list_id}" selected>Odběratelé (0)</option>' in answer.text


def test_a_connection_is_named_in_the_houses_language(house: House, admin: Reader) -> None:
    admin.send(NEW, filled(house, audience="local", **{"list.local": "Klienti"}))

    assert house.row(1).name == f"{house.world.registry.manifest('raynet').label.cs} → Klienti"
