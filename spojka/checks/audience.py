"""The contract of every audience plugin. Subclass it in a test module and give the three fixtures.

    class TestMyAudience(AudienceContract):
        @pytest.fixture
        def audience(self) -> Audience: ...
        @pytest.fixture
        def contact_list(self, ...) -> str: ...
        @pytest.fixture
        def seed(self, ...) -> Seed: ...

`seed` puts profiles into the list behind the plugin's back, statuses and tags included; custom fields of a seeded
profile are keyed `custom:<key of the list>`.
"""

from collections.abc import Callable, Mapping, Sequence

import pytest

from spojka import Absent, Audience, Done, Profile, Rejected, Status, Write

Seed = Callable[[Sequence[Profile]], None]
NOTHING: Mapping[str, str] = {}
NO_KEYS = NOTHING
NOTE = "custom:note"
NOTE_KEYS = {NOTE: "note"}
ODD_ADDRESSES = (
    "jana+news@example.cz",
    "sleva100%@example.cz",
    "o'neill@example.cz",
    "a&b=c@example.cz",
    "a?b#c@example.cz",
)
TYPED = "<b>O'Neill</b> & syn – „Příliš žluťoučký“ \\ 😀"
LEFT = (Status.UNSUBSCRIBED, Status.BOUNCED, Status.COMPLAINED, Status.UNCONFIRMED)


def a_profile(
    email: str,
    status: Status = Status.SUBSCRIBED,
    *,
    fields: Mapping[str, str] = NOTHING,
    tags: tuple[str, ...] = (),
    source: str = "",
) -> Profile:
    """A profile to seed."""
    return Profile(email, "", status, None, fields, tags, (source,) if source else ())


def a_write(
    email: str,
    fields: Mapping[str, str] = NOTHING,
    *,
    tags: tuple[str, ...] | None = None,
    source: str | None = None,
) -> Write:
    """A row to send."""
    return Write(email, fields, tags, source)


def seen(audience: Audience, contact_list: str, keys: Mapping[str, str] = NO_KEYS) -> list[Profile]:
    """Everything that a whole pass brings, page after page."""
    found: list[Profile] = []
    after: str | None = None
    for _ in range(100):
        page = audience.rows(contact_list, after, keys)
        found.extend(page.items)
        after = page.after
        if after is None:
            return found
    raise AssertionError("The pass never ends.")


def member(audience: Audience, contact_list: str, email: str, keys: Mapping[str, str] = NO_KEYS) -> Profile:
    """One profile, looked up; it must be there."""
    (found,) = audience.look(contact_list, [email], keys)
    assert isinstance(found, Profile)
    return found


class AudienceContract:
    """What the engine relies on, whichever plugin is behind it."""

    @pytest.fixture
    def audience(self) -> Audience:
        """The plugin's audience, opened."""
        raise NotImplementedError

    @pytest.fixture
    def contact_list(self) -> str:
        """An empty list of that account."""
        raise NotImplementedError

    @pytest.fixture
    def seed(self) -> Seed:
        """A way to put profiles into the list behind the plugin's back."""
        raise NotImplementedError

    def test_a_check_names_the_account_and_its_lists(self, audience: Audience, contact_list: str) -> None:
        """The name is stable; bindings hang on it."""
        check = audience.check()
        assert check.account and check.account == audience.check().account
        assert contact_list in [each.id for each in check.lists]

    def test_a_list_that_was_made_is_among_the_lists(self, audience: Audience) -> None:
        """By its id and its name."""
        made = audience.create_list("Noví klienti")
        assert (made.id, "Noví klienti") in [(each.id, each.name) for each in audience.lists()]

    def test_an_empty_list_has_no_rows_and_ends(self, audience: Audience, contact_list: str) -> None:
        """An empty answer is an end like any other."""
        assert seen(audience, contact_list) == []

    def test_R109_a_list_that_is_not_there_is_refused_by_name_of_the_part(self, audience: Audience) -> None:
        """It is no empty list, and no absent person either."""
        calls: tuple[Callable[[], object], ...] = (
            lambda: audience.fields("999"),
            lambda: audience.rows("999", None, NO_KEYS),
            lambda: audience.look("999", ["jana@example.cz"], NO_KEYS),
            lambda: audience.add("999", [a_write("jana@example.cz")], NO_KEYS, start_automations=False),
            lambda: audience.change("999", [a_write("jana@example.cz")], NO_KEYS),
            lambda: audience.unsubscribe("999", ["jana@example.cz"]),
        )
        refused = []
        for call in calls:
            with pytest.raises(Rejected) as caught:
                call()
            refused.append(caught.value.key)
        assert refused == ["list"] * len(calls)

    def test_R11_an_added_address_is_there_as_it_was_written(self, audience: Audience, contact_list: str) -> None:
        """Values travel as typed (R43), in pages and in look-ups."""
        row = a_write(
            "jana@example.cz",
            {"name": TYPED, "city": "Žďár", "gender": "female"},
            tags=("raynet", "štítek č. 1"),
            source="raynet",
        )
        (result,) = audience.add(contact_list, [row], NO_KEYS, start_automations=False)
        assert (result.email, result.done) == ("jana@example.cz", Done.ADDED)
        (listed,) = seen(audience, contact_list)
        looked = member(audience, contact_list, "jana@example.cz")
        for found in (listed, looked):
            assert (found.email, found.status) == ("jana@example.cz", Status.SUBSCRIBED)
            assert {key: found.fields[key] for key in row.fields} == row.fields
            assert set(found.tags or ()) == {"raynet", "štítek č. 1"}

    def test_R101_an_added_profile_shows_the_source_it_was_given(self, audience: Audience, contact_list: str) -> None:
        """By it a profile whose call has an unknown end is known as ours."""
        row = a_write("jana@example.cz", source="raynet")
        audience.add(contact_list, [row], NO_KEYS, start_automations=False)
        (listed,) = seen(audience, contact_list)
        assert "raynet" in listed.sources and "raynet" in member(audience, contact_list, "jana@example.cz").sources

    def test_R101_an_added_profile_says_when_it_began_and_who_it_is(
        self, audience: Audience, contact_list: str
    ) -> None:
        """By these two a profile is known as ours, and told from one made anew (R28)."""
        audience.add(contact_list, [a_write("jana@example.cz")], NO_KEYS, start_automations=False)
        found = member(audience, contact_list, "jana@example.cz")
        assert found.uid and found.since is not None and found.since.tzinfo is not None
        (listed,) = seen(audience, contact_list)
        assert (listed.uid, listed.since) == (found.uid, found.since)

    def test_R101_add_never_overwrites_who_is_there(self, audience: Audience, contact_list: str, seed: Seed) -> None:
        """Whatever the row says."""
        seed([a_profile("jana@example.cz", fields={"name": "Jana", "phone": "111"}, tags=("vip",), source="app")])
        before = member(audience, contact_list, "jana@example.cz")
        row = a_write(
            "jana@example.cz", {"name": "Eva", "phone": "222", "city": "Brno"}, tags=("raynet",), source="raynet"
        )
        audience.add(contact_list, [row], NO_KEYS, start_automations=False)
        assert member(audience, contact_list, "jana@example.cz") == before

    def test_R101_add_claims_nobody_who_was_there(self, audience: Audience, contact_list: str, seed: Seed) -> None:
        """What the answer does not prove is UNKNOWN and read again."""
        seed([a_profile("jana@example.cz")])
        rows = [a_write("nova@example.cz"), a_write("jana@example.cz")]
        results = audience.add(contact_list, rows, NO_KEYS, start_automations=False)
        assert [each.email for each in results] == ["nova@example.cz", "jana@example.cz"]
        assert results[1].done is Done.UNKNOWN
        assert {each.email for each in seen(audience, contact_list)} == {"nova@example.cz", "jana@example.cz"}

    @pytest.mark.parametrize("status", LEFT)
    def test_R13_no_write_brings_a_status_back(
        self, audience: Audience, contact_list: str, seed: Seed, status: Status
    ) -> None:
        """Neither adding nor changing."""
        seed([a_profile("karel@example.cz", status)])
        audience.add(contact_list, [a_write("karel@example.cz", {"name": "Karel"})], NO_KEYS, start_automations=False)
        audience.change(contact_list, [a_write("karel@example.cz", {"surname": "Malý"}, tags=("raynet",))], NO_KEYS)
        assert member(audience, contact_list, "karel@example.cz").status is status

    def test_R104_a_pass_brings_every_status_once(self, audience: Audience, contact_list: str, seed: Seed) -> None:
        """Who is not subscribed is not missing."""
        seed([a_profile(f"{status.value}@example.cz", status) for status in (Status.SUBSCRIBED, *LEFT)])
        found = sorted((each.email, each.status) for each in seen(audience, contact_list))
        assert found == sorted((f"{status.value}@example.cz", status) for status in (Status.SUBSCRIBED, *LEFT))

    def test_R104_a_pass_goes_over_all_pages(self, audience: Audience, contact_list: str, seed: Seed) -> None:
        """Nobody twice, nobody left out at the edge of a page."""
        emails = [f"p{number:04}@example.cz" for number in range(4001)]
        seed([a_profile(email) for email in emails])
        assert sorted(each.email for each in seen(audience, contact_list)) == emails

    def test_R102_change_touches_only_what_is_named(self, audience: Audience, contact_list: str, seed: Seed) -> None:
        """Other fields, custom ones, tags, status and the person's identity stay."""
        given = {"name": "Jana", "phone": "111", NOTE: "x", "custom:second": "y"}
        keys = {**NOTE_KEYS, "custom:second": "second"}
        seed([a_profile("jana@example.cz", fields=given, tags=("vip",), source="app")])
        before = member(audience, contact_list, "jana@example.cz", keys)
        changed = {"phone": "222", NOTE: "z"}
        (result,) = audience.change(contact_list, [a_write("jana@example.cz", changed)], keys)
        after = member(audience, contact_list, "jana@example.cz", keys)
        assert result.done is Done.CHANGED
        assert after.fields == {**before.fields, **changed}
        assert (after.uid, after.status, after.tags, after.sources, after.since) == (
            before.uid,
            before.status,
            before.tags,
            before.sources,
            before.since,
        )

    def test_R103_a_union_of_tags_is_exactly_what_is_there(
        self, audience: Audience, contact_list: str, seed: Seed
    ) -> None:
        """Right whether the vendor merges or replaces; nothing else moves."""
        seed([a_profile("jana@example.cz", fields={"name": "Jana"}, tags=("vip", "klient"))])
        audience.change(contact_list, [a_write("jana@example.cz", tags=("vip", "klient", "raynet"))], NO_KEYS)
        found = member(audience, contact_list, "jana@example.cz")
        assert (sorted(found.tags or ()), found.fields["name"]) == (["klient", "raynet", "vip"], "Jana")

    def test_R100_change_creates_nobody(self, audience: Audience, contact_list: str, seed: Seed) -> None:
        """And claims nothing about who is not there."""
        seed([a_profile("jana@example.cz")])
        rows = [a_write("jana@example.cz", {"name": "Jana"}), a_write("nikdo@example.cz", {"name": "Nikdo"})]
        results = audience.change(contact_list, rows, NO_KEYS)
        assert results[1].done is Done.UNKNOWN
        assert [each.email for each in seen(audience, contact_list)] == ["jana@example.cz"]
        assert member(audience, contact_list, "jana@example.cz").fields["name"] == "Jana"

    def test_R25_an_empty_value_empties_and_is_read_back_empty(
        self, audience: Audience, contact_list: str, seed: Seed
    ) -> None:
        """A field of the person and one of the list."""
        seed([a_profile("jana@example.cz", fields={"phone": "111", NOTE: "x"})])
        audience.change(contact_list, [a_write("jana@example.cz", {"phone": "", NOTE: ""})], NOTE_KEYS)
        found = member(audience, contact_list, "jana@example.cz", NOTE_KEYS)
        assert (found.fields["phone"], found.fields[NOTE]) == ("", "")

    def test_R40_a_custom_field_comes_into_being_by_writing_it(self, audience: Audience, contact_list: str) -> None:
        """And its key is read back, whatever the list made of the name."""
        row = a_write("jana@example.cz", {"custom:Vlastník": "Petr Dvořák"})
        audience.add(contact_list, [row], NO_KEYS, start_automations=False)
        (made,) = audience.fields(contact_list)
        keys = {"custom:Vlastník": made.key}
        for found in (*seen(audience, contact_list, keys), member(audience, contact_list, "jana@example.cz", keys)):
            assert found.fields["custom:Vlastník"] == "Petr Dvořák"
        audience.change(contact_list, [a_write("jana@example.cz", {"custom:Vlastník": "Eva"})], keys)
        assert [each.key for each in audience.fields(contact_list)] == [made.key]
        assert member(audience, contact_list, "jana@example.cz", keys).fields["custom:Vlastník"] == "Eva"

    def test_R40_a_custom_field_that_differs_by_case_is_the_same(self, audience: Audience, contact_list: str) -> None:
        """No second field appears beside the one that is there."""
        for name in ("note", " Note "):
            audience.add(
                contact_list, [a_write("jana@example.cz", {f"custom:{name}": "x"})], {}, start_automations=False
            )
            audience.change(contact_list, [a_write("jana@example.cz", {f"custom:{name}": "y"})], {})
        assert len(audience.fields(contact_list)) == 1
        assert member(audience, contact_list, "jana@example.cz", NOTE_KEYS).fields[NOTE] == "y"

    def test_custom_fields_that_nobody_asked_for_are_left_out(
        self, audience: Audience, contact_list: str, seed: Seed
    ) -> None:
        """And one that was asked for and is empty there is said to be empty."""
        seed([a_profile("jana@example.cz", fields={"custom:secret": "x"})])
        (found,) = seen(audience, contact_list, NOTE_KEYS)
        assert found.fields[NOTE] == "" and "custom:secret" not in found.fields

    def test_look_answers_each_address_in_the_order_asked(
        self, audience: Audience, contact_list: str, seed: Seed
    ) -> None:
        """Present or absent, one `Look` each."""
        seed([a_profile("b@example.cz"), a_profile("d@example.cz")])
        asked = ["d@example.cz", "c@example.cz", "b@example.cz", "a@example.cz"]
        looks = audience.look(contact_list, asked, NO_KEYS)
        assert [each.email for each in looks] == asked
        assert [isinstance(each, Absent) for each in looks] == [False, True, False, True]

    @pytest.mark.parametrize("email", ODD_ADDRESSES)
    def test_an_odd_address_is_found_again(self, audience: Audience, contact_list: str, email: str) -> None:
        """Signs that mean something in an address of the web stay signs."""
        audience.add(contact_list, [a_write(email, {"name": "Jana"})], NO_KEYS, start_automations=False)
        assert [each.email for each in seen(audience, contact_list)] == [email]
        assert member(audience, contact_list, email).fields["name"] == "Jana"

    def test_R3_an_address_in_another_spelling_is_the_same(
        self, audience: Audience, contact_list: str, seed: Seed
    ) -> None:
        """Capitals and spaces make no second person."""
        seed([a_profile("jana@example.cz", fields={"name": "Jana"})])
        audience.add(contact_list, [a_write(" Jana@Example.CZ ", {"name": "Eva"})], NO_KEYS, start_automations=False)
        audience.change(contact_list, [a_write(" Jana@Example.CZ ", {"surname": "Nová"})], NO_KEYS)
        (found,) = seen(audience, contact_list)
        assert (found.email, found.fields["name"], found.fields["surname"]) == ("jana@example.cz", "Jana", "Nová")

    def test_R101_three_thousand_rows_go_in_one_call(self, audience: Audience, contact_list: str) -> None:
        """And come back in one pass."""
        rows = [a_write(f"p{number:04}@example.cz", {"name": str(number)}, tags=("raynet",)) for number in range(3000)]
        results = audience.add(contact_list, rows, NO_KEYS, start_automations=False)
        assert [each.done for each in results] == [Done.ADDED] * 3000
        found = {each.email: each.fields["name"] for each in seen(audience, contact_list)}
        assert found == {row.email: row.fields["name"] for row in rows}

    def test_one_address_twice_in_a_call_is_a_bug_of_the_caller(self, audience: Audience, contact_list: str) -> None:
        """Vendors differ in which row counts."""
        rows = [a_write("jana@example.cz", {"name": "A"}), a_write("jana@example.cz", {"name": "B"})]
        with pytest.raises(ValueError, match="twice"):
            audience.add(contact_list, rows, NO_KEYS, start_automations=False)
        with pytest.raises(ValueError, match="twice"):
            audience.change(contact_list, rows, NO_KEYS)

    def test_a_call_without_rows_does_nothing(self, audience: Audience, contact_list: str) -> None:
        """It is no error either."""
        assert not audience.add(contact_list, [], NO_KEYS, start_automations=False)
        assert not audience.change(contact_list, [], NO_KEYS)
        assert not audience.unsubscribe(contact_list, [])
        assert not audience.look(contact_list, [], NO_KEYS)

    def test_R10_unsubscribing_ends_the_membership_and_deletes_nobody(
        self, audience: Audience, contact_list: str, seed: Seed
    ) -> None:
        """Nothing of the person changes but the status, and no later write brings it back."""
        seed([a_profile("jana@example.cz", fields={"name": "Jana"}, tags=("vip",)), a_profile("eva@example.cz")])
        before = member(audience, contact_list, "jana@example.cz")
        (result,) = audience.unsubscribe(contact_list, ["jana@example.cz"])
        audience.change(contact_list, [a_write("jana@example.cz", {"surname": "Nová"})], NO_KEYS)
        after = member(audience, contact_list, "jana@example.cz")
        assert result.done is Done.CHANGED
        assert (after.status, after.uid, after.tags) == (Status.UNSUBSCRIBED, before.uid, before.tags)
        assert member(audience, contact_list, "eva@example.cz").status is Status.SUBSCRIBED
