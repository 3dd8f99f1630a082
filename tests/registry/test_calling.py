import signal
import threading
from collections.abc import Callable
from datetime import datetime
from types import FrameType
from typing import Any, cast

import pytest
from rq.timeouts import JobTimeoutException

from core.registry import Caller, PluginFault
from spojka import (
    Audience,
    Bells,
    Busy,
    Connection,
    Crm,
    Done,
    Http,
    Kind,
    Loan,
    Outcome,
    Page,
    Profile,
    Record,
    Refused,
    Rejected,
    Result,
    Ring,
    Status,
    Watched,
    Write,
)
from tests.support.plugins import ACTION, ACTIVITY, CONNECTION, EDIT, NOW, RECORD, a_caller, a_contact, an_adapter

HTTP = cast(Http, None)
CRM = cast(Crm, None)
CALLS: dict[str, Callable[[Caller], object]] = {
    "open_crm": lambda caller: caller.open_crm(CONNECTION, HTTP),
    "open_audience": lambda caller: caller.open_audience(CONNECTION, HTTP),
    "on_events": lambda caller: caller.on_events(CONNECTION, []),
    "on_bell": lambda caller: caller.on_bell(CONNECTION, {}),
    "on_contact_in": lambda caller: caller.on_contact_in(CONNECTION, RECORD),
    "on_contact_out": lambda caller: caller.on_contact_out(CONNECTION, CRM, [EDIT]),
    "on_campaign_activity": lambda caller: caller.on_campaign_activity(CONNECTION, CRM, [ACTIVITY]),
    "on_automation_tag": lambda caller: caller.on_automation_tag(CONNECTION, CRM, [ACTION]),
}
HOOKS = pytest.mark.parametrize("hook", CALLS)


def raising(error: BaseException) -> Callable[..., Any]:
    def hook(*_: object) -> None:
        raise error

    return hook


def answering(value: object) -> Callable[..., Any]:
    return lambda *_: value


@HOOKS
def test_R93_whatever_a_hook_raises_is_the_plugins_fault(hook: str) -> None:
    caller = a_caller(**{hook: raising(KeyError("eva@firma.cz"))})

    with pytest.raises(PluginFault) as caught:
        CALLS[hook](caller)

    assert (caught.value.plugin, caught.value.hook) == ("acme", hook)
    assert "KeyError in test_calling.py line " in caught.value.detail


@HOOKS
def test_a_fault_shows_no_value(hook: str) -> None:
    caller = a_caller(**{hook: raising(ValueError("eva@firma.cz"))})

    with pytest.raises(PluginFault) as caught:
        CALLS[hook](caller)

    assert "eva" not in str(caught.value)
    assert caught.value.__suppress_context__


@HOOKS
@pytest.mark.parametrize("error", [Rejected("x", "12"), Busy("x"), Refused("x")], ids=["rejected", "busy", "refused"])
def test_errors_of_the_public_family_pass_as_they_are(hook: str, error: Exception) -> None:
    caller = a_caller(**{hook: raising(error)})

    with pytest.raises(type(error)) as caught:
        CALLS[hook](caller)

    assert caught.value is error


@HOOKS
@pytest.mark.parametrize(
    "nonsense",
    [42, "text", b"x", {"a": 1}, [None], [object()]],
    ids=["number", "text", "bytes", "map", "nothing", "stranger"],
)
def test_R93_an_answer_of_another_shape_is_the_plugins_fault(hook: str, nonsense: object) -> None:
    if hook.startswith("open"):
        nonsense = None  # what an adapter can do shows when it is used
    caller = a_caller(**{hook: answering(nonsense)})

    with pytest.raises(PluginFault):
        CALLS[hook](caller)


@HOOKS
def test_a_hook_that_hangs_meets_the_time_limit_of_its_job(hook: str) -> None:
    def limit(_: int, __: FrameType | None) -> None:
        raise JobTimeoutException("too long")

    before = signal.signal(signal.SIGALRM, limit)
    signal.setitimer(signal.ITIMER_REAL, 0.02)
    try:
        with pytest.raises(JobTimeoutException):
            CALLS[hook](a_caller(**{hook: lambda *_: threading.Event().wait()}))
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_a_good_contact_passes() -> None:
    contact = a_contact(
        created_at=NOW, lends=(Loan(Kind.COMPANY, "3", "language", "cs", 1),), shows=((Kind.COMPANY, "3"),)
    )

    assert a_caller(on_contact_in=answering(contact)).on_contact_in(CONNECTION, RECORD) is contact


@pytest.mark.parametrize(
    "changes",
    [
        {"fields": {"phone": 111}},
        {"fields": {"phone": None}},
        {"fields": {5: "x"}},
        {"fields": [("phone", "x")]},
        {"fields": {"phone": "x" * 1_000_001}},
        {"fields": {"phone": "a\x00b"}},
        {"addresses": ("eva@firma.cz", None)},
        {"addresses": "eva@firma.cz"},
        {"addresses": tuple("abcdefghijklmnopqrstuvwxyz")},
        {"tags": ["vip"]},
        {"tags": ("vip", 3)},
        {"created_at": datetime(2026, 3, 2)},  # noqa: DTZ001 - the point of the test
        {"standing": "usual"},
        {"mailable": "yes"},
        {"one_way": ["street"]},
        {"lends": ("cs",)},
        {"shows": (("company", 3),)},
    ],
    ids=lambda changes: str(changes)[:40],
)
def test_R93_a_contact_that_could_not_be_kept_is_the_plugins_fault(changes: dict[str, Any]) -> None:
    caller = a_caller(on_contact_in=answering(a_contact(**changes)))

    with pytest.raises(PluginFault):
        caller.on_contact_in(CONNECTION, RECORD)


def test_a_contact_of_another_record_is_the_plugins_fault() -> None:
    caller = a_caller(on_contact_in=answering(a_contact()))

    with pytest.raises(PluginFault, match="another record"):
        caller.on_contact_in(CONNECTION, Record(Kind.PERSON, "13", 1, {}))


def test_a_bell_may_ask_for_nothing() -> None:
    assert a_caller(on_bell=answering(None)).on_bell(CONNECTION, {}) == ()


def test_a_bell_asks_to_look_at_records() -> None:
    rings = [Ring(Kind.PERSON, "12"), Ring(Kind.COMPANY, None)]

    assert a_caller(on_bell=answering(rings)).on_bell(CONNECTION, {}) == tuple(rings)


@pytest.mark.parametrize(
    "keys", [[], ["e1", "e1"], ["e1", "e2", "e3"], ["e1", "other"]], ids=["none", "twice", "more", "another"]
)
def test_outcomes_are_exactly_one_a_key(keys: list[str]) -> None:
    caller = a_caller(on_contact_out=answering([Outcome(key, True) for key in keys]))
    second = type(EDIT)("e2", Kind.PERSON, "13", {}, RECORD)

    with pytest.raises(PluginFault, match="not one each"):
        caller.on_contact_out(CONNECTION, CRM, [EDIT, second])


def test_outcomes_come_in_the_order_asked() -> None:
    caller = a_caller(on_contact_out=answering([Outcome("e2", True), Outcome("e1", False, error="x")]))
    second = type(EDIT)("e2", Kind.PERSON, "13", {}, RECORD)

    outcomes = caller.on_contact_out(CONNECTION, CRM, [EDIT, second])

    assert [outcome.key for outcome in outcomes] == ["e1", "e2"]


def test_a_plugin_gets_its_own_adapter_back() -> None:
    mine, given = an_adapter(), []

    def write(crm: object) -> list[Outcome]:
        given.append(crm)
        return [Outcome("e1", True)]

    caller = a_caller(open_crm=answering(mine), on_contact_out=write)
    caller.on_contact_out(CONNECTION, caller.open_crm(CONNECTION, HTTP), [EDIT])

    assert given == [mine]


def crm_with(**methods: Callable[..., Any]) -> Crm:
    return a_caller(open_crm=answering(an_adapter(**methods))).open_crm(CONNECTION, HTTP)


def audience_with(**methods: Callable[..., Any]) -> Audience:
    return a_caller(open_audience=answering(an_adapter(**methods))).open_audience(CONNECTION, HTTP)


def a_profile(**changes: Any) -> Profile:
    values: dict[str, Any] = {"since": NOW, "fields": {"name": "Eva"}, "tags": ("vip",)}
    return Profile("eva@firma.cz", "7", Status.SUBSCRIBED, **{**values, **changes})


def test_R93_an_adapter_that_raises_is_the_plugins_fault() -> None:
    crm = crm_with(changed=raising(TypeError("eva@firma.cz")))

    with pytest.raises(PluginFault, match="TypeError in test_calling"):
        crm.changed(Kind.PERSON, None, None)


def test_an_adapter_may_raise_the_public_family() -> None:
    with pytest.raises(Busy):
        crm_with(changed=raising(Busy("x"))).changed(Kind.PERSON, None, None)


def test_an_adapters_good_answer_passes() -> None:
    page = Page([RECORD], after="12")

    assert crm_with(changed=answering(page)).changed(Kind.PERSON, None, None) is page


@pytest.mark.parametrize(
    "answer", [None, [RECORD], Page([1]), Page([RECORD], after=cast(str, 5)), Page("abc")], ids=repr
)
def test_R93_a_page_of_another_shape_is_the_plugins_fault(answer: object) -> None:
    with pytest.raises(PluginFault):
        crm_with(changed=answering(answer)).changed(Kind.PERSON, None, None)


@pytest.mark.parametrize(
    "changes",
    [{"fields": {"name": 1}}, {"tags": ["a"]}, {"since": datetime(2026, 3, 2)}, {"sources": (1,)}],  # noqa: DTZ001 - the point
    ids=lambda changes: str(changes)[:40],
)
def test_R93_a_profile_that_could_not_be_kept_is_the_plugins_fault(changes: dict[str, Any]) -> None:
    audience = audience_with(rows=answering(Page([a_profile(**changes)])))

    with pytest.raises(PluginFault):
        audience.rows("1", None, {})


def test_a_look_is_one_answer_an_address() -> None:
    audience = audience_with(look=lambda *_: [a_profile()])

    assert len(audience.look("1", ["eva@firma.cz"], {})) == 1
    with pytest.raises(PluginFault, match="1 of 2"):
        audience.look("1", ["eva@firma.cz", "jan@firma.cz"], {})


def test_a_write_is_one_result_a_row_however_it_is_called() -> None:
    row = Write("eva@firma.cz", {})
    audience = audience_with(add=lambda *_, **__: [Result("eva@firma.cz", Done.ADDED)])

    assert len(audience.add("1", [row], {}, start_automations=False)) == 1
    with pytest.raises(PluginFault, match="1 of 2"):
        audience.add(keys={}, rows=[row, row], contact_list="1", start_automations=False)


@pytest.mark.parametrize("answer", [None, 7, "", "a\x00b", ["1"]], ids=repr)
def test_R93_a_webhook_without_a_name_is_the_plugins_fault(answer: object) -> None:
    with pytest.raises(PluginFault):
        cast(Bells, crm_with(watch=answering(answer))).watch("https://spojka.firma.cz/hooks/t", "s")


@pytest.mark.parametrize(
    "answer", [None, "abc", [1], [Watched("", "https://x.cz")], [Watched("1", cast(str, None))]], ids=repr
)
def test_R93_a_list_of_webhooks_of_another_shape_is_the_plugins_fault(answer: object) -> None:
    with pytest.raises(PluginFault):
        cast(Bells, crm_with(watched=answering(answer))).watched()


def test_an_adapter_without_a_method_says_so() -> None:
    assert not hasattr(crm_with(), "changed")


def test_a_connection_never_shows_its_secrets() -> None:
    assert "crm-123" not in repr(Connection(1, {}, {"api_key": "crm-123"}))
