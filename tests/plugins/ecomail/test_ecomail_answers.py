"""What Ecomail's answers prove, and what they don't."""

from typing import Any

import orjson
import pytest

from plugins.ecomail.answers import Leaf, checked, is_missing, leaf_of, opened, results
from spojka import Answer, Done, Malformed, Rejected, SpojkaError, Unreachable

HTML = b"<html><body>Bad Gateway</body></html>"
PAGE = {"current_page": 2, "per_page": 2, "total": 5, "last_page": 3, "next_page_url": "https://…?page=3"}


def an_answer(body: Any, status: int = 200) -> Answer:
    return Answer(status, {}, body if isinstance(body, bytes) else orjson.dumps(body))


def without(page: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in page.items() if name not in names}


@pytest.mark.parametrize(
    ("errors", "sentence"),
    [
        ("Not for your plan", "Not for your plan"),
        (["First.", "Second."], "First.; Second."),
        (
            {"name": ["The name field is required."], "tags": "Too long."},
            "name: The name field is required.; tags: Too long.",
        ),
    ],
)
def test_A7_errors_are_readable_in_each_of_their_shapes(errors: Any, sentence: str) -> None:
    with pytest.raises(Rejected) as caught:
        opened(an_answer({"errors": errors}, 422), "List 1")
    assert str(caught.value) == f"List 1: Ecomail refused it: {sentence}"


def test_C11_a_refused_batch_blames_its_row_and_names_no_address_in_words() -> None:
    body = {"errors": {"email": ["neni@mail is not an address."]}, "data": {"email": " Neni@Mail "}}
    with pytest.raises(Rejected) as caught:
        results(an_answer(body, 422), "List 1", "inserts", ["neni@mail"], Done.ADDED)
    assert caught.value.key == "neni@mail"
    assert "neni@mail" not in str(caught.value)


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (403, HTML, Rejected),
        (404, {"errors": ["List not found"]}, Rejected),
        (404, HTML, Malformed),
        (404, {"message": "Not Found"}, Malformed),
        (404, {"errors": []}, Malformed),
        (422, HTML, Malformed),
        (405, {"errors": ["Method Not Allowed"]}, Rejected),
        (500, {"errors": ["Server Error"]}, Unreachable),
        (200, HTML, Malformed),
        (204, b"", Malformed),
    ],
)
def test_a_refusal_says_what_to_do_about_it(status: int, body: Any, error: type[SpojkaError]) -> None:
    with pytest.raises(error):
        opened(an_answer(body, status), "List 1")


def test_A6_what_the_account_may_not_do_is_said_and_is_not_no_data() -> None:
    with pytest.raises(Rejected, match="not available in this account"):
        is_missing_or_opened(an_answer({"errors": "Forbidden"}, 403))


def is_missing_or_opened(answer: Answer) -> Any:
    return is_missing(answer) or opened(answer, "A look-up")


def test_R106_a_404_counts_in_the_vendor_s_own_form_alone() -> None:
    assert is_missing(an_answer({"errors": ["Subscriber not found"]}, 404))
    with pytest.raises(Malformed, match="404"):
        is_missing(an_answer(HTML, 404))


@pytest.mark.parametrize("body", [{"inserts": 2}, {"inserts": "2"}, {"inserts": 2, "more": 1}])
def test_R101_a_counter_that_names_all_rows_proves_them(body: Any) -> None:
    found = results(an_answer(body), "List 1", "inserts", ["a@x.cz", "b@x.cz"], Done.ADDED)
    assert [each.done for each in found] == [Done.ADDED, Done.ADDED]


@pytest.mark.parametrize(
    "body",
    [{"inserts": 1}, {"inserts": 0}, {"inserts": 3}, {}, [], None, {"inserts": None}, {"inserts": True}, HTML, b""],
)
def test_R101_any_other_answer_proves_nothing(body: Any) -> None:
    answer = an_answer(b"null" if body is None else body)
    found = results(answer, "List 1", "inserts", ["a@x.cz", "b@x.cz"], Done.ADDED)
    assert [(each.email, each.done) for each in found] == [("a@x.cz", Done.UNKNOWN), ("b@x.cz", Done.UNKNOWN)]


@pytest.mark.parametrize(
    "page",
    [
        {**PAGE, "data": [1, 2]},
        without({**PAGE, "data": [1, 2]}, "next_page_url"),
        without({**PAGE, "data": [1, 2]}, "next_page_url", "last_page"),
        without({**PAGE, "data": [1, 2]}, "next_page_url", "last_page", "total", "per_page", "current_page"),
        {**PAGE, "current_page": "2", "per_page": "2", "data": [1, 2]},
    ],
)
def test_a_page_in_the_middle_goes_on(page: dict[str, Any]) -> None:
    assert not leaf_of(page, 2, 2, "List 1").last


@pytest.mark.parametrize(
    "page",
    [
        {**PAGE, "total": 3, "next_page_url": None, "data": [1]},
        without({**PAGE, "total": 4, "last_page": 2, "data": [1, 2]}, "next_page_url"),
        without({**PAGE, "total": 3, "data": [1]}, "next_page_url", "last_page"),
        {"data": [1]},
        {"data": []},
        {**PAGE, "total": 2, "next_page_url": None, "data": []},
    ],
)
def test_a_page_that_is_the_end_says_so(page: dict[str, Any]) -> None:
    assert leaf_of(page, 2, 2, "List 1").last


def test_a_page_tells_how_many_match() -> None:
    assert leaf_of({**PAGE, "data": [1, 2]}, 2, 2, "List 1") == Leaf([1, 2], False, 5)


@pytest.mark.parametrize(
    "page",
    [
        [1, 2],
        {"errors": ["x"]},
        {**PAGE, "data": {"0": 1}},
        {**PAGE, "data": None},
        {**PAGE, "current_page": 3, "data": [1, 2]},
        {**PAGE, "data": [1]},
        {**PAGE, "data": []},
        {**PAGE, "next_page_url": None, "data": [1, 2]},
        {"next_page_url": "https://…?page=3", "data": []},
    ],
)
def test_R106_a_page_cut_off_or_of_another_shape_ends_the_pass(page: Any) -> None:
    with pytest.raises(Malformed):
        leaf_of(page, 2, 2, "List 1")


def test_C3_more_rows_than_are_stored_are_a_bug_of_the_caller() -> None:
    with pytest.raises(ValueError, match="drops the rest"):
        checked([f"p{number}@x.cz" for number in range(4)], 3)


def test_C15_one_address_in_two_spellings_is_there_twice() -> None:
    with pytest.raises(ValueError, match="twice"):
        checked(["a@x.cz", " A@x.cz"], 3)
