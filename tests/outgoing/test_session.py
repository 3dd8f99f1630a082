import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.wrappers import Request as WebRequest
from werkzeug.wrappers import Response

from core.outgoing import TooManyRefused, Ways
from core.outgoing.session import HttpOut
from core.ports import Counted
from spojka import Busy, Limits, Malformed, Purpose, Refused, Request, Unreachable
from spojka.emulator import Emulator, Fault, Served
from tests.support.clock import START, VirtualClock
from tests.support.outgoing import ALLOWANCE, a_manifest, store_in, ways
from tests.support.vendor import Listening, Vendor, drops, raw, says

READ = Request("GET", "person/", params={"email": "eva+x@firma.cz"})
WRITE = Request("POST", "person/5/", json={"name": "Eva"}, purpose=Purpose.WRITE)
HTML_503 = says(503, b"<html>", Content_Type="text/html")
RESET = str(int((START + timedelta(hours=15)).timestamp()))


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def vendor() -> Vendor:
    return Vendor()


@pytest.fixture
def sessions(tmp_path: Path) -> sessionmaker[Session]:
    return store_in(tmp_path)


@pytest.fixture
def opened(vendor: Vendor, sessions: sessionmaker[Session], clock: VirtualClock) -> Iterator[Ways]:
    manifest = a_manifest(limits=Limits(allowance=ALLOWANCE))
    with Listening(vendor) as listening:
        found = ways(listening.url, sessions, clock, manifest)
        yield found
        found.close()


@pytest.fixture
def way(opened: Ways) -> HttpOut:
    found = opened.open("acme", "acme:1", lane="live")
    assert isinstance(found, HttpOut)
    return found


def test_a_way_is_what_the_engine_expects_of_the_port(way: HttpOut) -> None:
    port: Counted = way

    assert port.requests == 0


def test_a_request_arrives_as_the_plugin_wrote_it(way: HttpOut, vendor: Vendor) -> None:
    answer = way.send(Request("PUT", "person/", json={"a": "č"}, headers={"X-Instance-Name": "firma"}))

    asked = vendor.asked[0]
    assert (asked.method, asked.path, asked.body) == ("PUT", "/api/person/", '{"a":"č"}'.encode())
    assert asked.headers["X-Instance-Name"] == "firma"
    assert asked.headers["Content-Type"] == "application/json"
    assert asked.headers["User-Agent"].startswith("Spojka/")
    assert answer.json() == {}


def test_params_are_encoded_once(way: HttpOut, vendor: Vendor) -> None:
    way.send(READ)

    assert vendor.asked[0].query == {"email": "eva+x@firma.cz"}


def test_an_answer_carries_the_vendors_clock_and_headers_in_any_case(way: HttpOut, vendor: Vendor) -> None:
    vendor.replies = [says(X_Thing="7")]

    answer = way.send(READ)

    assert answer.headers["x-thing"] == "7"
    assert answer.vendor_time is not None
    assert answer.vendor_time.tzinfo is not None


def test_cookies_of_a_vendor_are_not_kept(way: HttpOut, vendor: Vendor) -> None:
    vendor.replies = [says(Set_Cookie="session=1; Path=/")]

    way.send(READ)
    way.send(READ)

    assert "Cookie" not in vendor.asked[1].headers


@pytest.mark.parametrize("status", [200, 201, 400, 403, 404, 422])
def test_what_a_plugin_has_to_judge_is_handed_over(way: HttpOut, vendor: Vendor, status: int) -> None:
    vendor.replies = [says(status, b'{"message": "x"}')]

    assert way.send(READ).status == status
    assert way.requests == 1


def test_R92_a_500_with_json_is_an_answer(way: HttpOut, vendor: Vendor) -> None:
    vendor.replies = [says(500, b'{"message": "AttributeAccessDeniedException"}')]

    assert way.send(READ).json() == {"message": "AttributeAccessDeniedException"}
    assert way.requests == 1


def test_R92_a_5xx_without_json_is_asked_again_with_growing_pauses(
    way: HttpOut, vendor: Vendor, clock: VirtualClock
) -> None:
    vendor.replies = [HTML_503, says(502, b"Bad Gateway"), says(500, b"<h1>"), says(200, b'{"ok": 1}')]

    assert way.send(READ).json() == {"ok": 1}
    assert way.requests == 4
    assert clock.sleeps == [0.75, 1.5, 3.0]


def test_R92_a_broken_connection_is_asked_again(way: HttpOut, vendor: Vendor) -> None:
    vendor.replies = [drops, says(200, b'{"ok": 1}')]

    assert way.send(READ).json() == {"ok": 1}
    assert way.requests == 2


def test_R92_an_answer_cut_short_is_asked_again(way: HttpOut, vendor: Vendor) -> None:
    vendor.replies = [raw(b'HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n{"half":'), says(200, b'{"ok": 1}')]

    assert way.send(READ).json() == {"ok": 1}


def test_R92_an_answer_that_does_not_come_in_time_is_asked_again(way: HttpOut, vendor: Vendor) -> None:
    def never(request: WebRequest) -> Response:
        request.environ["werkzeug.socket"].recv(1)  # ends when the client hangs up
        return Response()

    vendor.replies = [never, says(200, b'{"ok": 1}')]

    assert way.send(Request("GET", "slow/", timeout_seconds=0.1)).json() == {"ok": 1}


def test_R92_patience_ends_after_five_tries(way: HttpOut, vendor: Vendor) -> None:
    vendor.replies = [HTML_503]

    with pytest.raises(Unreachable, match="answered 503"):
        way.send(READ)

    assert way.requests == 5


def test_a_connection_test_has_two_tries(opened: Ways, vendor: Vendor) -> None:
    vendor.replies = [HTML_503]
    way = opened.open("acme", "acme:1", lane="live", testing=True)

    with pytest.raises(Unreachable):
        way.send(READ)

    assert way.requests == 2


def test_R63_a_write_whose_answer_was_lost_is_not_repeated(way: HttpOut, vendor: Vendor) -> None:
    vendor.replies = [drops, says()]

    with pytest.raises(Unreachable) as caught:
        way.send(WRITE)

    assert caught.value.sent
    assert way.requests == 1


def test_R63_a_write_that_a_gateway_gave_up_on_is_not_repeated(way: HttpOut, vendor: Vendor) -> None:
    vendor.replies = [says(504, b"<html>"), says()]

    with pytest.raises(Unreachable) as caught:
        way.send(WRITE)

    assert caught.value.sent
    assert way.requests == 1


def test_R92_a_write_that_was_turned_away_is_repeated(way: HttpOut, vendor: Vendor) -> None:
    vendor.replies = [HTML_503, says(429, X_Ratelimit_Remaining="9"), says(201)]

    assert way.send(WRITE).status == 201


def test_a_write_is_not_repeated_beyond_its_own_time_limit(way: HttpOut, vendor: Vendor, clock: VirtualClock) -> None:
    vendor.replies = [HTML_503]

    with pytest.raises(Unreachable) as caught:
        way.send(Request("POST", "person/", purpose=Purpose.WRITE, timeout_seconds=2.0))

    assert not caught.value.sent
    assert clock.sleeps == [0.75]


def test_a_vendor_that_nobody_answers_for_got_nothing(sessions: sessionmaker[Session], clock: VirtualClock) -> None:
    with Listening(Vendor()) as listening:
        url = listening.url
    way = ways(url, sessions, clock).open("acme", "acme:1", lane="live")

    with pytest.raises(Unreachable) as caught:
        way.send(WRITE)

    assert not caught.value.sent
    assert way.requests == 5


def test_R92_429_with_allowance_left_is_a_short_pause(way: HttpOut, vendor: Vendor, clock: VirtualClock) -> None:
    vendor.replies = [
        says(429, X_Ratelimit_Limit="24000", X_Ratelimit_Remaining="23000", X_Ratelimit_Reset=RESET),
        says(200),
    ]

    assert way.send(READ).status == 200
    assert clock.sleeps == [0.375]


def test_R92_429_with_none_left_waits_for_the_vendors_reset(way: HttpOut, vendor: Vendor, clock: VirtualClock) -> None:
    vendor.replies = [says(429, X_RateLimit_Limit="24000", X_RateLimit_Remaining="0", X_RateLimit_Reset=RESET)]

    with pytest.raises(Busy) as caught:
        way.send(READ)

    assert caught.value.until == START + timedelta(hours=15)
    assert (way.requests, clock.sleeps) == (1, [])


def test_R92_after_none_was_left_nothing_is_sent_until_the_reset(
    opened: Ways, vendor: Vendor, clock: VirtualClock
) -> None:
    vendor.replies = [says(200, X_RateLimit_Limit="24000", X_RateLimit_Remaining="0", X_RateLimit_Reset=RESET), says()]
    opened.open("acme", "acme:1", lane="live").send(READ)
    another = opened.open("acme", "acme:1", lane="bulk")

    with pytest.raises(Busy):
        another.send(READ)
    clock.advance(15 * 3600)

    assert another.send(READ).status == 200
    assert len(vendor.asked) == 2


def test_R92_429_without_headers_waits_longer_and_longer(way: HttpOut, vendor: Vendor, clock: VirtualClock) -> None:
    vendor.replies = [says(429)]

    with pytest.raises(Busy):
        way.send(READ)

    assert clock.sleeps == [1.5, 3.0, 6.0, 12.0]


def test_R92_a_short_retry_after_is_obeyed(way: HttpOut, vendor: Vendor, clock: VirtualClock) -> None:
    vendor.replies = [says(429, Retry_After="17"), says(200)]

    assert way.send(READ).status == 200
    assert clock.sleeps == [17.5]


def test_R92_a_long_retry_after_gives_the_work_back(way: HttpOut, vendor: Vendor) -> None:
    vendor.replies = [says(429, Retry_After="600")]

    with pytest.raises(Busy) as caught:
        way.send(READ)

    assert caught.value.until == START + timedelta(minutes=10)
    assert way.requests == 1


def test_R91_after_refused_credentials_nothing_more_is_sent(way: HttpOut, vendor: Vendor) -> None:
    vendor.replies = [says(401, b"Wrong api key"), says(200)]

    with pytest.raises(Refused):
        way.send(READ)
    with pytest.raises(Refused, match="Nothing was sent"):
        way.send(READ)

    assert (way.requests, len(vendor.asked)) == (1, 1)


def test_R91_after_ten_refused_logins_tests_are_refused_here(opened: Ways, vendor: Vendor) -> None:
    vendor.replies = [says(401)]
    for number in range(10):
        with pytest.raises(Refused):
            opened.open("acme", f"acme:{number}", lane="live", testing=number % 2 == 0).send(READ)

    with pytest.raises(TooManyRefused, match=r"test them again after \d\d:\d\d UTC"):
        opened.open("acme", "acme:new", lane="live", testing=True).send(READ)

    assert len(vendor.asked) == 10


def test_R91_proven_credentials_go_on_while_tests_are_refused(opened: Ways, vendor: Vendor) -> None:
    vendor.replies = [says(401)] * 10 + [says(200)]
    for number in range(10):
        with pytest.raises(Refused):
            opened.open("acme", f"acme:{number}", lane="live").send(READ)

    assert opened.open("acme", "acme:proven", lane="bulk").send(READ).status == 200


def test_a_redirect_is_not_followed(way: HttpOut, vendor: Vendor) -> None:
    vendor.replies = [says(302, Location="http://127.0.0.1/elsewhere")]

    with pytest.raises(Malformed, match="redirects elsewhere"):
        way.send(READ)

    assert way.requests == 1


def test_an_answer_without_end_is_given_up(way: HttpOut, vendor: Vendor) -> None:
    vendor.replies = [lambda _: Response((b" " * 1_000_000 for _ in range(100)), status=200)]

    with pytest.raises(Malformed, match="64 MiB"):
        way.send(READ)


def test_credentials_that_no_header_can_carry_are_refused_without_showing_them(way: HttpOut) -> None:
    with pytest.raises(Refused) as caught:
        way.send(Request("GET", "x", headers={"key": "crm-123\nX: y"}))
    with pytest.raises(Refused) as second:
        way.send(Request("GET", "x", headers={"key": "klíč…"}))

    assert "crm-123" not in str(caught.value)
    assert "klíč" not in str(second.value)


class KeepsAlive(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    ports: ClassVar[list[int]] = []

    def do_GET(self) -> None:
        self.ports.append(self.client_address[1])
        self.send_response(200)
        self.send_header("Content-Length", "200000")
        self.end_headers()
        self.wfile.write(b"[]" * 100_000)


def test_a_connection_is_used_again(sessions: sessionmaker[Session], clock: VirtualClock) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), KeepsAlive) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        opened = ways(f"http://127.0.0.1:{server.server_port}/", sessions, clock)
        for _ in range(3):
            opened.open("acme", "acme:1", lane="live").send(READ)
        opened.close()
        server.shutdown()

    assert len(KeepsAlive.ports) == 3
    assert len(set(KeepsAlive.ports)) == 1


def test_requests_counts_what_this_way_sent_and_no_other(opened: Ways) -> None:
    first, second = opened.open("acme", "acme:1", lane="live"), opened.open("acme", "acme:1", lane="live")

    first.send(READ)
    first.send(READ)

    assert (first.requests, second.requests) == (2, 0)


class Echo(Emulator):
    name = "echo"

    def answer(self, request: WebRequest) -> Response:
        return Response(b"{}", content_type="application/json")


@pytest.mark.parametrize("kind", ["drop", "lose"])
def test_an_emulator_that_hangs_up_is_asked_again(
    kind: str, sessions: sessionmaker[Session], clock: VirtualClock
) -> None:
    emulator = Echo()
    emulator.fail(Fault(kind))
    with Served(emulator) as served:
        opened = ways(served.url, sessions, clock)
        answer = opened.open("acme", "acme:1", lane="live").send(Request("GET", "x", timeout_seconds=5))
        opened.close()

    assert answer.status == 200
    assert len(emulator.calls) == 2
