"""R3, R5, R6: from what somebody typed to the address that everything is compared by."""

import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import given
from hypothesis import strategies as st

from core.decide.addresses import _PLAIN, canonical, usable


@pytest.mark.parametrize(
    ("typed", "email"),
    [
        ("eva@firma.cz", "eva@firma.cz"),
        ("  Eva.Nova@Firma.CZ ", "eva.nova@firma.cz"),
        ("eva+noviny@firma.co.uk", "eva+noviny@firma.co.uk"),
        ("o'neill@firma.cz", "o'neill@firma.cz"),
    ],
)
def test_R3_an_address_is_trimmed_and_lower_case_as_a_whole(typed: str, email: str) -> None:
    assert canonical(typed) == email


@pytest.mark.parametrize(
    "typed", ["mailto:eva@firma.cz", "MAILTO:Eva@firma.cz?subject=Dobrý den", "mailto: eva@firma.cz"]
)
def test_R3_mailto_is_taken_off(typed: str) -> None:
    assert canonical(typed) == "eva@firma.cz"


@pytest.mark.parametrize(
    "typed",
    ["Eva Nová <eva@firma.cz>", '"Nová, Eva" <Eva@firma.cz>', "<eva@firma.cz>", "Eva <mailto:eva@firma.cz>"],
)
def test_R3_a_display_name_is_taken_off(typed: str) -> None:
    assert canonical(typed) == "eva@firma.cz"


@pytest.mark.parametrize(
    "typed", ["\u200beva@firma.cz", "eva\u00ad@firma.cz", "\ufeffeva@firma.cz\u200f", "eva@fir\u2060ma.cz"]
)
def test_R3_invisible_format_characters_are_dropped(typed: str) -> None:
    assert canonical(typed) == "eva@firma.cz"


@pytest.mark.parametrize(
    "typed", ["info@hřiště.cz", "INFO@HŘIŠTĚ.CZ", "info@xn--hit-2ra12aub.cz", "info@hr\u030cis\u030cte\u030c.cz"]
)
def test_R3_an_internationalised_domain_is_in_its_readable_form(typed: str) -> None:
    assert canonical(typed) == "info@hřiště.cz"


def test_R3_look_alikes_of_other_scripts_are_other_addresses() -> None:
    assert canonical("еva@firma.cz") not in ("", "eva@firma.cz")


@pytest.mark.parametrize(
    "typed",
    [
        "eva",
        "eva@",
        "@firma.cz",
        "eva@firma",
        "eva@@firma.cz",
        "eva@firma..cz",
        "eva nova@firma.cz",
        ".eva@firma.cz",
        "eva@-firma.cz",
    ],
)
def test_R3_what_is_no_address_has_no_canonical_form(typed: str) -> None:
    assert canonical(typed) == ""


@pytest.mark.parametrize("typed", ["a" * 65 + "@firma.cz", "eva@" + "a" * 64 + ".cz", "eva@" + "ab." * 90 + "cz"])
def test_R3_an_address_longer_than_mail_allows_is_none(typed: str) -> None:
    assert canonical(typed) == ""


def test_R3_a_canonical_address_is_its_own_canonical_form() -> None:
    once = canonical("Info@Hřiště.cz")
    assert canonical(once) == once


@pytest.mark.parametrize(
    "typed", ["eva@firma.cz; bob@firma.cz", "eva@firma.cz,bob@firma.cz", "eva@firma.cz\nbob@firma.cz"]
)
def test_R3_of_several_addresses_the_first_is_used_and_the_rest_is_named(typed: str) -> None:
    found = usable(typed)
    assert (found.email, found.others) == ("eva@firma.cz", ("bob@firma.cz",))


def test_R3_several_addresses_with_names_are_read_too() -> None:
    found = usable("Eva Nová <eva@firma.cz>; Bob <bob@firma.cz>")
    assert (found.email, found.others) == ("eva@firma.cz", ("bob@firma.cz",))


def test_R3_an_unusable_address_before_a_usable_one_is_passed_over() -> None:
    assert usable("není; eva@firma.cz").email == "eva@firma.cz"


def test_R5_the_same_address_twice_in_one_field_is_one() -> None:
    assert usable("eva@firma.cz; EVA@firma.cz").others == ()


@pytest.mark.parametrize("typed", ["", "   ", "\u200b", "\t\n"])
def test_R6_an_empty_field_has_no_address(typed: str) -> None:
    found = usable(typed)
    assert (found.email, found.problem) == ("", "no_email")


@pytest.mark.parametrize("typed", ["nemá", "eva(at)firma.cz", "eva@firma", "-"])
def test_R6_a_field_without_a_usable_address_says_so(typed: str) -> None:
    found = usable(typed)
    assert (found.email, found.problem) == ("", "invalid_email")


@given(
    st.from_regex(
        r"[a-z0-9._+-]{1,70}@([a-z0-9-]{1,64}\.){1,4}(cz|local|arpa|onion|xn--p1ai|[a-z0-9]{1,4})", fullmatch=True
    )
)
def test_R3_the_short_way_accepts_nothing_that_the_library_refuses(typed: str) -> None:
    assert not _PLAIN.match(typed) or _library(typed) == typed


def _library(typed: str) -> str:
    try:
        checked = validate_email(typed, check_deliverability=False, test_environment=True, strict=True)
    except EmailNotValidError:
        return ""
    return f"{checked.local_part}@{checked.domain}".lower()
