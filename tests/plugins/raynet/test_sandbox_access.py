"""Cases A: who may ask, and how often."""

import base64
import io
import threading
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from werkzeug.test import Client

from plugins.raynet.sandbox.seed import TOKEN
from spojka.emulator import Fault
from tests.support.raynet_sandbox import Account, account, credentials

WRONG = credentials(key="bad")


@pytest.fixture
def crm() -> Account:
    return account()


def test_A1_who_am_i_has_no_envelope(crm: Account) -> None:
    assert crm.get("/security/info") == {
        "X-Instance-Name": "demo-crm",
        "X-Instance-Id": "4711",
        "userAccountId": 7,
    }


def test_A2_the_security_levels_are_listed(crm: Account) -> None:
    assert crm.get("/securityLevel/") == {
        "success": True,
        "totalCount": 1,
        "data": [{"id": 1, "name": "Sdílený", "locked": True}],
    }


def test_A3_a_wrong_key_is_refused_with_the_bare_error(crm: Account) -> None:
    answer = crm.send("GET", "/person/", login=WRONG)
    assert answer.status_code == 401
    assert orjson.loads(answer.data) == {"type": "Unauthorized", "message": "Bad credentials", "status": 401}


@pytest.mark.parametrize("instance", [None, "other-crm"])
def test_A4_basic_login_needs_the_right_instance(crm: Account, instance: str | None) -> None:
    assert crm.send("GET", "/person/", login=credentials(instance=instance)).status_code == 401


def test_A5_twenty_wrong_logins_do_not_block_the_address(crm: Account) -> None:
    statuses = {crm.send("GET", "/person/", login=WRONG).status_code for _ in range(20)}
    assert statuses == {401}
    assert crm.send("GET", "/person/").status_code == 200


def test_A5_twenty_one_wrong_logins_block_the_address_for_an_hour(crm: Account) -> None:
    for _ in range(21):
        crm.send("GET", "/person/", login=WRONG)
    blocked = crm.send("GET", "/person/")
    assert (blocked.status_code, orjson.loads(blocked.data)["type"]) == (403, "AccessBlocked")
    crm.later(minutes=59)
    assert crm.send("GET", "/person/").status_code == 403
    crm.later(minutes=1)
    assert crm.send("GET", "/person/").status_code == 200


def test_A5_wrong_logins_spread_over_hours_do_not_block(crm: Account) -> None:
    for _ in range(42):
        crm.send("GET", "/person/", login=WRONG)
        crm.later(minutes=10)
    assert crm.send("GET", "/person/").status_code == 200


def test_A6_a_bearer_token_needs_no_instance(crm: Account) -> None:
    assert crm.send("GET", "/person/?limit=1", login={"Authorization": f"Bearer {TOKEN}"}).status_code == 200


def test_A7_a_used_up_allowance_refuses_until_the_next_utc_midnight(crm: Account) -> None:
    crm.emulator.allow(0)
    answer = crm.send("GET", "/person/?limit=1")
    assert answer.status_code == 429
    assert orjson.loads(answer.data)["type"] == "RequestLimitReached"
    assert answer.headers["X-Ratelimit-Remaining"] == "0"
    assert answer.headers["X-Ratelimit-Reset"] == str(int(datetime(2026, 3, 6, tzinfo=UTC).timestamp()))
    assert "Retry-After" not in answer.headers


def test_A7_midnight_brings_a_new_allowance(crm: Account) -> None:
    crm.emulator.allow(0)
    crm.later(hours=12)
    answer = crm.send("GET", "/person/?limit=1")
    assert (answer.status_code, answer.headers["X-Ratelimit-Remaining"]) == (200, "23999")


@pytest.mark.parametrize("path", ["/person/1042/", "/person/999999/", "/person/?nonsense=1", "/nowhere/"])
def test_every_answer_tells_the_allowance(crm: Account, path: str) -> None:
    answer = crm.send("GET", path)
    assert answer.headers["X-Ratelimit-Limit"] == "24000"
    assert answer.headers["X-Ratelimit-Remaining"] == "23999"
    assert answer.headers["Content-Type"] == "application/json;charset=UTF-8"
    assert answer.headers["Date"] == "Thu, 05 Mar 2026 12:00:20 GMT"


class HeldBody(io.BytesIO):
    """A request body that arrives only when `go` is set."""

    def __init__(self, arrived: threading.Semaphore, go: threading.Event) -> None:
        super().__init__(b'{"titleAfter": "Ph.D."}')
        self.arrived, self.go = arrived, go

    def readinto(self, buffer: Any, /) -> int:
        self.arrived.release()
        self.go.wait(30)
        return super().readinto(buffer)


def test_A8_the_fifth_request_open_at_once_is_refused(crm: Account) -> None:
    arrived, go = threading.Semaphore(0), threading.Event()
    statuses: list[int] = []

    def slow() -> None:
        body = HeldBody(arrived, go)
        answer = Client(crm.emulator).post("/api/v2/person/1042/", headers=credentials(), input_stream=body)
        statuses.append(answer.status_code)

    threads = [threading.Thread(target=slow) for _ in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(4):
        assert arrived.acquire(timeout=30)
    fifth = crm.send("GET", "/person/?limit=1")
    go.set()
    for thread in threads:
        thread.join(30)
    assert (fifth.status_code, statuses) == (429, [200, 200, 200, 200])
    assert int(fifth.headers["X-Ratelimit-Remaining"]) > 0
    assert crm.send("GET", "/person/?limit=1").status_code == 200


def test_A9_a_missing_right_is_a_server_error_with_words(crm: Account) -> None:
    crm.emulator.rights_missing.add("gdpr")
    answer = crm.send("GET", "/gdpr/")
    body = orjson.loads(answer.data)
    assert (answer.status_code, body["message"]) == (500, "AttributeAccessDeniedException")
    assert body["translatedMessage"].startswith("Nemáte dostatečné oprávnění")


def test_A10_gateway_trouble_is_html(crm: Account) -> None:
    crm.emulator.fail(Fault("status"))
    answer = crm.send("GET", "/person/")
    assert (answer.status_code, answer.mimetype) == (503, "text/html")
    assert crm.send("GET", "/person/").status_code == 200


def test_an_unknown_path_is_not_found_and_has_no_success_key(crm: Account) -> None:
    answer = crm.send("GET", "/userSetting/")
    assert answer.status_code == 404
    assert "success" not in orjson.loads(answer.data)


def test_a_missing_final_slash_is_forgiven(crm: Account) -> None:
    assert crm.send("GET", "/person/1042").status_code == 200
    assert crm.send("GET", "/person?limit=1").status_code == 200


def test_a_login_that_is_not_base64_is_refused(crm: Account) -> None:
    login = {"Authorization": "Basic " + base64.b64encode(b"no colon").decode(), "X-Instance-Name": "demo-crm"}
    assert crm.send("GET", "/person/", login=login).status_code == 401
