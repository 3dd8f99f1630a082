from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from core.admin.language import FOLDER
from tests.support.admin_house import House
from tests.support.admin_reader import Reader

ROOM = FOLDER.parent
SOURCES = [("admin/**.py", "python"), ("admin/templates/**.html", "jinja2")]


def used() -> set[str | tuple[str, ...]]:
    """Every message id in the room's code and templates."""
    found = extract_from_dir(ROOM, SOURCES, options_map={"admin/templates/**.html": {"encoding": "utf-8"}})
    return {message for _, _, message, _, _ in found}


def catalogue(locale: str) -> Catalog:
    return read_po(BytesIO((FOLDER / locale / "LC_MESSAGES" / "messages.po").read_bytes()), locale=locale)


def told(found: Catalog) -> dict[object, object]:
    """Every message with its words; forms that are alike count once."""
    said = ((message.id, message.string) for message in found if message.id)
    return {id_: tuple(dict.fromkeys(words)) if isinstance(words, tuple) else words for id_, words in said}


def test_every_word_of_the_pages_has_an_english_one_and_none_is_left_over() -> None:
    english = told(catalogue("en"))

    assert {id_ for id_, words in english.items() if all(words if isinstance(words, tuple) else (words,))} == used()


def test_czech_counts_with_three_forms() -> None:
    counted = [message for message in catalogue("cs") if message.id]

    assert {message.id for message in counted} == {message for message in used() if isinstance(message, tuple)}
    assert [message.id for message in counted if len(message.string or ()) != 3 or not all(message.string or ())] == []


@pytest.mark.parametrize("locale", ["cs", "en"])
def test_the_compiled_catalogue_is_made_of_the_readable_one(locale: str) -> None:
    with (FOLDER / locale / "LC_MESSAGES" / "messages.mo").open("rb") as compiled:
        spoken = GNUTranslations(compiled)

    assert {id_: said_by(spoken, id_) for id_ in told(catalogue(locale))} == told(catalogue(locale))


def said_by(spoken: GNUTranslations, id_: object) -> object:
    if isinstance(id_, tuple):
        return tuple(dict.fromkeys(spoken.ngettext(id_[0], id_[1], number) for number in (1, 2, 5)))
    return spoken.gettext(str(id_))


def test_the_switch_is_kept_for_this_browser_and_this_person(house: House, admin: Reader) -> None:
    answer = admin.send("/admin/language", {"locale": "en", "next": "/admin/connections/new"})

    assert answer.location == "/admin/connections/new"
    page = admin.text("/admin/connections/new")
    assert '<html lang="en">' in page
    assert "In Raynet: Settings → For developers → API keys." in page
    assert "Carry over both e-mail addresses of a contact" in page


def test_the_language_can_be_switched_before_the_sign_in(house: House) -> None:
    reader = Reader(house.app.test_client())

    reader.send("/admin/language", {"locale": "en"})

    assert "Sign in" in reader.text("/admin/login")


def test_an_unknown_language_changes_nothing(house: House, admin: Reader) -> None:
    admin.send("/admin/language", {"locale": "xx", "next": "//evil.example"})

    assert '<html lang="cs">' in admin.text("/admin/")


def test_numbers_and_plurals_are_written_as_the_reader_does(house: House, admin: Reader) -> None:
    number = house.connection()
    house.change(number, left=23112, limit=24000)
    admin.send("/admin/language", {"locale": "en"})

    assert "23,112 of 24,000 requests left today." in admin.text(f"/admin/connections/{number}")


def test_no_template_holds_a_style_or_a_script() -> None:
    templates = [path.read_text() for path in Path(ROOM / "admin" / "templates").rglob("*.html")]

    assert not [text for text in templates if " style=" in text or "<style" in text or " onclick" in text]
