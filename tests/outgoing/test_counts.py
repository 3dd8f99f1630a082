from pathlib import Path

from spojka import Request
from tests.support.clock import VirtualClock
from tests.support.outgoing import store_in, ways
from tests.support.tally import Kept
from tests.support.vendor import Listening, Vendor, drops, says


def test_every_try_is_counted_by_plugin_lane_and_status(tmp_path: Path) -> None:
    vendor, kept = Vendor([drops, says(503, b"<html>", Content_Type="text/html"), says()]), Kept()
    with Listening(vendor) as listening:
        found = ways(listening.url, store_in(tmp_path), VirtualClock(), tally=kept)
        found.open("acme", "acme:1", lane="live").send(Request("GET", "person/"))
        found.close()

    assert kept.counts == [("requests", "acme", "live", status) for status in ("none", "5xx", "2xx")]
