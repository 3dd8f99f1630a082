"""What stopped, when it goes on, and what to do, in the reader's language; the engine's own sentence below."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.support.admin_house import House
from tests.support.admin_reader import Reader, words

SAID = "The vendor answered 502, and that for several tries. It is tried again later."


def page_of(admin: Reader, number: int) -> str:
    return words(admin.text(f"/admin/connections/{number}"))


def local(house: House, moment: datetime) -> str:
    at = moment.astimezone(house.world.settings.timezone)
    return f"{at.hour}:{at.minute:02}"


def midday(house: House, days: int) -> datetime:
    """Noon of the installation's zone, so many days from now."""
    now = house.now.astimezone(house.world.settings.timezone)
    return now.replace(hour=12, minute=30, second=0, microsecond=0) + timedelta(days=days)


def test_a_vendor_that_does_not_answer_is_named_with_the_time_of_the_next_try(house: House, admin: Reader) -> None:
    number = house.connection()
    house.run(state="queued", code="unreachable", error=SAID, not_before=midday(house, 1))

    page = page_of(admin, number)

    assert "! čeká Raynet CRM neodpovídá. Zkusíme to znovu zítra v 12:30. " + SAID in page


def test_a_later_day_is_named(house: House, admin: Reader) -> None:
    number, at = house.connection(), midday(house, 40)
    house.run(state="queued", code="malformed", error=SAID, not_before=at)

    page = page_of(admin, number).replace("\xa0", " ")

    assert f"Raynet CRM odpověděl nesrozumitelně. Zkusíme to znovu {at.day}. {at.month}. v 12:30." in page


def test_a_days_allowance_comes_back_after_midnight_utc(house: House, admin: Reader) -> None:
    number = house.connection()
    midnight = (house.now + timedelta(days=1)).astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    house.run(state="queued", code="busy", error=SAID, not_before=midnight)

    sentence = f"Dnešní dotazy jsou vyčerpány, pokračujeme po půlnoci UTC ({local(house, midnight)})."

    assert sentence in page_of(admin, number)


def test_another_limit_says_when_it_goes_on(house: House, admin: Reader) -> None:
    number = house.connection()
    house.run(state="queued", code="busy", error=SAID, not_before=midday(house, 1))

    assert "Raynet CRM teď nepřijímá další dotazy. Pokračujeme zítra v 12:30." in page_of(admin, number)


def test_after_the_reading_it_may_be_either_side(house: House, admin: Reader) -> None:
    number = house.connection()
    house.change(number, audience="ecomail")
    house.run(state="queued", code="unreachable", checkpoint={"read": True}, not_before=midday(house, 1))

    assert "Raynet CRM nebo Ecomail neodpovídá." in page_of(admin, number)


def test_a_side_that_the_engine_names_is_the_one(house: House, admin: Reader) -> None:
    number = house.connection()
    house.change(number, audience="ecomail")
    house.run(state="queued", code="malformed", error="Ecomail sent no list.", not_before=midday(house, 1))

    assert "čeká Ecomail odpověděl nesrozumitelně." in page_of(admin, number)


def test_the_embedded_list_is_never_suspected(house: House, admin: Reader) -> None:
    number = house.connection()
    house.run(state="queued", code="unreachable", checkpoint={"read": True}, not_before=midday(house, 1))

    assert "čeká Raynet CRM neodpovídá." in page_of(admin, number)


def test_a_time_that_has_come_is_no_wait(house: House, admin: Reader) -> None:
    number = house.connection()
    house.run(state="queued", code="unreachable", error=SAID, not_before=house.now - timedelta(seconds=1))

    assert "Přenos čeká ve frontě, začne během chvíle." in page_of(admin, number)


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("plugin_fault", "V pluginu je chyba, přenos se kvůli ní zastavil. Nic se neztratilo;"),
        ("crashed", "Přenos se pětkrát za sebou přerušil a sám už to nezkouší."),
        ("rejected", "Raynet CRM odmítl, co jsme mu poslali. Hotové zůstalo;"),
        ("sealed", "Uložené přihlašovací údaje nejde otevřít, chybí klíč, kterým byly zašifrované."),
        ("something_new", "Přenos skončil předčasně. Hotové zůstalo;"),
    ],
)
def test_a_run_that_ended_early_says_why_and_what_to_do(house: House, admin: Reader, code: str, sentence: str) -> None:
    number = house.connection()
    run = house.run(state="failed", code=code, error="The engine's own words.", finished_at=house.now)

    for page in (page_of(admin, number), words(admin.text(f"/admin/runs/{run}"))):
        assert "✕ nedokončeno " + sentence in page
        assert "The engine&#39;s own words." in page


def test_a_refused_connection_shows_the_engines_words_small_below(house: House, admin: Reader) -> None:
    number = house.connection()
    house.run(code="refused")
    house.change(number, state="refused", problem="refused", problem_text="The vendor refused the credentials.")

    page = page_of(admin, number)

    assert "Raynet CRM přihlašovací údaje odmítl. Opravte údaje v nastavení" in page
    assert "The vendor refused the credentials." in page


def test_a_forbidden_address_is_not_called_a_wrong_key(house: House, admin: Reader) -> None:
    number = house.connection()
    house.change(number, state="refused", problem="forbidden_host", problem_text="Host 10.0.0.1 is private.")

    assert "Adresa, na které je Raynet CRM, nepatří dodavateli" in page_of(admin, number)


def test_in_english_too(house: House, admin: Reader) -> None:
    number = house.connection()
    house.run(state="queued", code="unreachable", error=SAID, not_before=midday(house, 1))
    admin.send("/admin/language", {"locale": "en"})

    page = page_of(admin, number).replace("\u202f", " ")

    assert "Raynet CRM does not answer. It is tried again tomorrow at 12:30 PM. " + SAID in page
