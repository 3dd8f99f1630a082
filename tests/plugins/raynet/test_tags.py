"""Tags of automations written into Raynet (R52, E1-E4)."""

from spojka import Kind, TagAction
from tests.support.raynet_desk import Desk, a_desk


def act(key: str, tag: str, *, add: bool = True, number: int = 1042) -> TagAction:
    return TagAction(key, Kind.PERSON, str(number), tag, add)


def tags(desk: Desk, number: int = 1042) -> tuple[str, ...]:
    return desk.contact(Kind.PERSON, number).tags


def test_E1_a_tag_is_added() -> None:
    desk = a_desk()
    assert desk.tag(act("a", "VIP zákazník"))[0].done
    assert tags(desk) == ("newsletter", "veletrh 2026", "VIP zákazník")


def test_E3_a_tag_is_removed_by_a_body() -> None:
    desk = a_desk()
    assert desk.tag(act("a", "newsletter", add=False))[0].done
    assert tags(desk) == ("veletrh 2026",)


def test_E2_several_tags_of_one_record_go_in_one_request() -> None:
    desk = a_desk()
    outcomes = desk.tag(act("a", "A"), act("b", "B"), act("c", "newsletter", add=False))
    assert [outcome.key for outcome in outcomes if outcome.done] == ["a", "b", "c"]
    assert desk.writes() == [("PUT", "/person/1042/tag/"), ("DELETE", "/person/1042/tag/")]


def test_R93_a_record_that_is_gone_fails_alone() -> None:
    outcomes = a_desk().tag(act("gone", "A", number=999_999), act("there", "A"))
    assert [(outcome.done, outcome.unknown) for outcome in outcomes] == [(False, False), (True, False)]


def test_K22_an_answer_that_was_lost_is_unknown_and_the_rest_is_left_for_later() -> None:
    desk = a_desk()
    desk.fails("lose", "PUT", "/person/1042/tag/")
    lost, rest = desk.tag(act("a", "A"), act("b", "B", number=1043))
    assert (lost.unknown, rest.passing) == (True, True)
