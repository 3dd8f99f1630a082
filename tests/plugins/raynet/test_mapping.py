"""Part D of the rules for Raynet: what a row means."""

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.raynet.manifest import RAYNET
from plugins.raynet.mapping import contact
from spojka import Contact, Json, Kind, Loan, Record, Rejected, Standing
from tests.support.raynet_rows import BRNO, NO_ADDRESS, OLOMOUC, company, info, person, record

ADDRESS = {"street", "city", "zip", "country"}
PERSON_FIELDS = ADDRESS | {"name", "surname", "pretitle", "surtitle", "gender", "birthday", "phone", "company"}
PERSON_CUSTOM = {"custom:Pozice", "custom:Vlastník", "custom:Jazyk"}
COMPANY_FIELDS = ADDRESS | {"name", "surname", "phone", "company", "custom:Vlastník", "custom:Stav", "custom:Vztah"}


def a_person(locale: str = "cs", **changes: Json) -> Contact:
    return contact(record(Kind.PERSON, person(**changes)), locale)


def a_company(locale: str = "cs", **changes: Json) -> Contact:
    return contact(record(Kind.COMPANY, company(**changes)), locale)


def without(row: Mapping[str, Json], member: str) -> dict[str, Json]:
    return {name: value for name, value in row.items() if name != member}


def test_a_person_says_every_field_of_its_table_and_no_other() -> None:
    assert a_person().fields == {
        "name": "Žofie",
        "surname": "Příkladová",
        "pretitle": "Ing.",
        "surtitle": "",
        "gender": "female",
        "birthday": "",
        "phone": "+420 700 000 001",
        "company": "Ukázka & syn",
        "street": "Zkušební 1",
        "city": "Brno",
        "zip": "602 00",
        "country": "CZ",
        "custom:Pozice": "vedoucí nákupu",
        "custom:Vlastník": "Karel Vzorný",
        "custom:Jazyk": "čeština",
    }


def test_a_company_says_every_field_of_its_table_and_no_other() -> None:
    assert a_company().fields == {
        "company": "Ukázka & syn s.r.o.",
        "name": "",
        "surname": "",
        "street": "Zkušební 1",
        "city": "Brno",
        "zip": "602 00",
        "country": "CZ",
        "phone": "",
        "custom:Vlastník": "Karel Vzorný",
        "custom:Stav": "Aktuální",
        "custom:Vztah": "Odběratel",
    }


def test_every_field_that_a_contact_says_is_declared() -> None:
    declared = {field.key for field in RAYNET.fields}

    assert declared == PERSON_FIELDS | PERSON_CUSTOM | COMPANY_FIELDS
    assert set(a_person().fields) | set(a_company().fields) == declared


def test_a_person_whose_members_are_all_null_says_that_every_field_is_empty() -> None:
    row = dict.fromkeys(person()) | {"id": 1043, "privateAddress": None, "companyAddress": None}

    assert contact(record(Kind.PERSON, row), "cs").fields == dict.fromkeys(PERSON_FIELDS | PERSON_CUSTOM, "")


@pytest.mark.parametrize(
    ("member", "silent"),
    [
        ("firstName", {"name"}),
        ("gender", {"gender"}),
        ("birthday", {"birthday"}),
        ("contactInfo", {"phone"}),
        ("primaryRelationship", {"company", "custom:Pozice"}),
        ("owner", {"custom:Vlastník"}),
        ("language", {"custom:Jazyk"}),
        ("privateAddress", ADDRESS),
        ("companyAddress", ADDRESS),
    ],
)
def test_R25_what_a_persons_row_leaves_out_is_not_said(member: str, silent: set[str]) -> None:
    found = contact(record(Kind.PERSON, without(person(), member)), "cs")

    assert set(found.fields) == (PERSON_FIELDS | PERSON_CUSTOM) - silent


@pytest.mark.parametrize(
    ("member", "silent"),
    [
        ("name", {"company"}),
        ("person", {"name", "surname"}),
        ("primaryAddress", ADDRESS | {"phone"}),
        ("owner", {"custom:Vlastník"}),
        ("state", {"custom:Stav"}),
        ("role", {"custom:Vztah"}),
    ],
)
def test_R25_what_a_companys_row_leaves_out_is_not_said(member: str, silent: set[str]) -> None:
    found = contact(record(Kind.COMPANY, without(company(), member)), "cs")

    assert set(found.fields) == COMPANY_FIELDS - silent


def test_both_addresses_come_as_typed_in_slot_order() -> None:
    found = a_person(contactInfo=info(email=" Zofie@Example.COM", email2="druha@example.com"))

    assert found.addresses == (" Zofie@Example.COM", "druha@example.com")


def test_R2_a_company_has_the_addresses_of_its_primary_address() -> None:
    assert a_company().addresses == ("info@example.com", "")


def test_B20_contact_data_that_is_null_is_empty() -> None:
    found = a_company(primaryAddress={"id": 210, "address": dict(NO_ADDRESS), "contactInfo": None})

    assert (found.addresses, found.fields["phone"], found.mailable) == (("", ""), "", True)


def test_B20_a_company_without_a_primary_address_has_no_address_and_says_no_phone() -> None:
    found = contact(record(Kind.COMPANY, without(company(), "primaryAddress")), "cs")

    assert found.addresses == ("", "")
    assert "phone" not in found.fields


def test_a_detail_has_its_primary_address_among_all_of_them() -> None:
    other = {"primary": False, "address": dict(BRNO), "contactInfo": info(email="jina@example.com")}
    primary = {"primary": True, "address": dict(OLOMOUC), "contactInfo": info(email="hlavni@example.com")}
    row = without(company(), "primaryAddress") | {"addresses": [other, primary]}

    found = contact(record(Kind.COMPANY, row), "cs")

    assert (found.addresses[0], found.fields["city"]) == ("hlavni@example.com", "Olomouc")


def test_D_a_private_address_flows_both_ways() -> None:
    found = a_person(privateAddress=dict(OLOMOUC))

    assert found.fields["street"] == "Domácí 2"
    assert found.one_way == {"company"}


def test_D_a_private_address_with_one_value_is_not_filled_up_from_the_companys() -> None:
    found = a_person(privateAddress={**NO_ADDRESS, "city": "Olomouc"})

    assert (found.fields["city"], found.fields["street"]) == ("Olomouc", "")


def test_D_the_companys_address_stands_in_and_only_flows_in() -> None:
    found = a_person()

    assert found.fields["street"] == "Zkušební 1"
    assert found.one_way == ADDRESS | {"company"}


def test_D_where_neither_address_has_a_value_the_private_one_may_be_filled() -> None:
    found = a_person(companyAddress=None)

    assert (found.fields["street"], found.one_way) == ("", frozenset({"company"}))


def test_D_a_companys_own_address_and_name_flow_both_ways() -> None:
    assert a_company().one_way == frozenset()


def test_D_a_natural_person_among_the_companies_has_a_name() -> None:
    found = a_company(person=True, firstName="Jan", lastName="Osoba")

    assert (found.fields["name"], found.fields["surname"]) == ("Jan", "Osoba")


def test_D_names_left_over_in_a_firm_are_not_shown() -> None:
    found = a_company(person=False, firstName="Jan", lastName="Osoba")

    assert (found.fields["name"], found.fields["surname"]) == ("", "")


def test_R43_C4_values_travel_as_they_were_typed() -> None:
    found = a_person(lastName="<b>O'Neill</b> & syn ", contactInfo=info(tel1="  602 / 123-456"))

    assert (found.fields["surname"], found.fields["phone"]) == ("<b>O'Neill</b> & syn ", "  602 / 123-456")


def test_numbers_where_texts_belong_are_taken_as_their_digits() -> None:
    assert a_person(contactInfo=info(tel1=602123456)).fields["phone"] == "602123456"


@pytest.mark.parametrize(("code", "word"), [("MALE", "male"), ("FEMALE", "female"), (None, "")])
def test_gender_is_one_of_two_words_or_empty(code: str | None, word: str) -> None:
    assert a_person(gender=code).fields["gender"] == word


def test_a_gender_that_lists_have_no_word_for_is_not_said() -> None:
    assert "gender" not in a_person(gender="OTHER").fields


@pytest.mark.parametrize("said", ["1980-05-31", "1980-05-31T00:00:00.000+02:00", "1980-05-31 00:00"])
def test_a_birthday_is_a_whole_day(said: str) -> None:
    assert a_person(birthday=said).fields["birthday"] == "1980-05-31"


@pytest.mark.parametrize(
    ("code", "czech", "english"),
    [
        ("A_POTENTIAL", "Potenciální", "Potential"),
        ("B_ACTUAL", "Aktuální", "Actual"),
        ("C_DEFERRED", "Odložený", "Deferred"),
        ("D_UNATTRACTIVE", "Neatraktivní", "Unattractive"),
        ("Z_NEXT_YEARS", "Z_NEXT_YEARS", "Z_NEXT_YEARS"),
        (None, "", ""),
    ],
)
def test_R41_a_state_goes_in_words_and_an_unknown_code_as_it_is(code: str | None, czech: str, english: str) -> None:
    assert a_company("cs", state=code).fields["custom:Stav"] == czech
    assert a_company("en", state=code).fields["custom:Stav"] == english


@pytest.mark.parametrize(
    ("code", "czech", "english"),
    [
        ("A_SUBSCRIBER", "Odběratel", "Subscriber"),
        ("B_PARTNER", "Partner", "Partner"),
        ("C_SUPPLIER", "Dodavatel", "Supplier"),
        ("D_RIVAL", "Konkurent", "Rival"),
        ("E_OWN", "E_OWN", "E_OWN"),
    ],
)
def test_R41_C5_a_relationship_goes_in_words_and_an_unknown_code_as_it_is(code: str, czech: str, english: str) -> None:
    assert a_company("cs", role=code).fields["custom:Vztah"] == czech
    assert a_company("en", role=code).fields["custom:Vztah"] == english


def test_R9_a_colleague_is_one() -> None:
    assert a_person(activeUserAccount=True).standing is Standing.COLLEAGUE


def test_R9_the_instances_own_company_is_one() -> None:
    assert a_company(role="E_OWN").standing is Standing.OWN_COMPANY


def test_R9_an_invalidated_record_is_invalid_whatever_else_it_is() -> None:
    invalid = {"rowInfo.rowAccess": "INVALID"}

    assert a_person(activeUserAccount=True, **invalid).standing is Standing.INVALID
    assert a_company(role="E_OWN", **invalid).standing is Standing.INVALID


@pytest.mark.parametrize("said", [True, "true", "yes", 1])
def test_R10_a_do_not_send_flag_in_any_spelling_counts(said: Json) -> None:
    assert a_person(contactInfo=info(email="a@example.com", doNotSendMM=said)).mailable is False


def test_R10_a_companys_flag_is_that_of_its_primary_address() -> None:
    flagged = {"address": dict(BRNO), "contactInfo": info(email="a@example.com", doNotSendMM=True)}

    assert a_company(primaryAddress=flagged).mailable is False


def test_R50_tags_come_trimmed_and_once() -> None:
    assert a_person(tags=[" vip", "vip", "veletrh 2026"]).tags == ("vip", "veletrh 2026")


@pytest.mark.parametrize("said", [None, []])
def test_a_record_without_tags_has_none(said: Json) -> None:
    assert a_person(tags=said).tags == ()


def test_R16_the_moment_of_creation_is_known_to_the_zone() -> None:
    assert a_person().created_at == datetime(2026, 3, 2, 8, 14, tzinfo=UTC)


def test_R16_a_moment_without_an_offset_is_not_known() -> None:
    assert a_person(**{"rowInfo.createdAt": "2026-03-02 09:14"}).created_at is None


def test_D_a_key_person_lends_its_language_before_others() -> None:
    assert a_person(keyman=True).lends == (Loan(Kind.COMPANY, "207", "custom:Jazyk", "čeština", 0),)


def test_D_any_other_person_lends_its_language_after_a_key_person() -> None:
    assert a_person().lends == (Loan(Kind.COMPANY, "207", "custom:Jazyk", "čeština", 1),)


def test_D_a_person_without_a_language_still_is_another_person_of_its_company() -> None:
    assert a_person(language=None).lends == (Loan(Kind.COMPANY, "207", "custom:Jazyk", "", 1),)


def test_D_an_invalid_person_lends_nothing() -> None:
    assert a_person(keyman=True, **{"rowInfo.rowAccess": "INVALID"}).lends == ()


def test_D_a_person_of_no_company_lends_nothing_and_shows_nothing() -> None:
    found = a_person(primaryRelationship=None)

    assert (found.lends, found.shows) == ((), ())


def test_R45_a_person_shows_its_company() -> None:
    assert a_person().shows == ((Kind.COMPANY, "207"),)


def test_D_a_companys_own_language_counts_where_the_api_gives_one() -> None:
    assert a_company(language={"id": 71, "value": "English"}).fields["custom:Jazyk"] == "English"
    assert "custom:Jazyk" not in a_company(language=None).fields


@pytest.mark.parametrize(
    ("changes", "member"),
    [
        ({"contactInfo": "zofie@example.com"}, "contactInfo"),
        ({"contactInfo": info(email=["a@example.com"])}, "contactInfo.email"),
        ({"contactInfo": info(doNotSendMM="perhaps")}, "contactInfo.doNotSendMM"),
        ({"firstName": {"value": "Žofie"}}, "firstName"),
        ({"lastName": True}, "lastName"),
        ({"tags": "newsletter"}, "tags"),
        ({"tags": [["newsletter"]]}, "tags"),
        ({"birthday": "31. 5. 1980"}, "birthday"),
        ({"birthday": "1980-02-30"}, "birthday"),
        ({"primaryRelationship": {"company": [207]}}, "primaryRelationship.company"),
        ({"rowInfo.createdAt": "yesterday"}, "rowInfo.createdAt"),
    ],
)
def test_R93_a_row_of_another_shape_is_rejected_by_the_name_of_record_and_member(
    changes: dict[str, Json], member: str
) -> None:
    with pytest.raises(Rejected) as rejected:
        contact(record(Kind.PERSON, person(12, **changes)), "cs")

    assert str(rejected.value).startswith(f"person:12, {member}: ")
    assert rejected.value.key == member


def test_an_error_never_repeats_what_the_row_says() -> None:
    with pytest.raises(Rejected) as rejected:
        a_person(contactInfo="zofie.prikladova@example.com")

    assert "zofie" not in str(rejected.value)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
MEMBERS = sorted({*person(), *company(), "addresses", "address", "company", "email", "value", "id", "tel1", "primary"})
ROWS = st.dictionaries(st.sampled_from(MEMBERS), JSON | st.dictionaries(st.sampled_from(MEMBERS), JSON, max_size=4))


@given(kind=st.sampled_from(Kind), row=ROWS | JSON, usual=st.booleans(), locale=st.sampled_from(("cs", "en", "xx")))
def test_R93_whatever_the_row_it_becomes_a_contact_or_is_rejected(
    kind: Kind, row: Json, usual: bool, locale: str
) -> None:
    base = (person() if kind is Kind.PERSON else company()) if usual else {}
    raw = {**base, **row} if isinstance(row, dict) else row

    try:
        found = contact(Record(kind, "12", 1, raw), locale)
    except Rejected as rejected:
        assert str(rejected).startswith(f"{kind}:12, ")
    else:
        assert len(found.addresses) == 2
        assert all(isinstance(value, str) for value in found.fields.values())
        assert set(found.fields) <= {field.key for field in RAYNET.fields}
