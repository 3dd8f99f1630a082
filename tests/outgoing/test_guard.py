import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.outgoing import ForbiddenHost, Ways
from core.outgoing.guard import base_of, is_public
from core.real import ThreadCrew
from spojka import Request
from tests.support.clock import MiddleDice, VirtualClock
from tests.support.outgoing import Manifests, Settings, a_manifest, store_in
from tests.support.vendor import Listening, Vendor


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.1.2.3",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "255.255.255.255",
        "224.0.0.1",
        "240.0.0.1",
        "192.0.2.1",
        "198.18.0.1",
        "::1",
        "::",
        "fe80::1%eth0",
        "fc00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "2002:7f00:1::",
        "64:ff9b::a00:1",
        "2001:db8::1",
    ],
)
def test_private_addresses_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_public_addresses_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "http://app.acme.example/",
        "ftp://app.acme.example/",
        "file:///etc/passwd",
        "https://user:pass@app.acme.example/",
        "https://app.acme.example@evil.example/",
        "https://evil.example/",
        "https://acme.example.evil.example/",
        "https://evilacme.example/",
        "https:///path",
        "app.acme.example",
        "https://169.254.169.254/",
    ],
)
def test_a_base_address_outside_the_vendors_hosts_is_refused(url: str) -> None:
    with pytest.raises(ForbiddenHost):
        base_of(a_manifest(base_url=url, base_url_env=""), {}, private=False)


@pytest.mark.parametrize("url", ["https://acme.example/", "https://APP.acme.example/", "https://a.b.acme.example./x"])
def test_the_vendors_hosts_and_all_below_them_are_allowed(url: str) -> None:
    assert base_of(a_manifest(base_url=url), {}, private=False).url == url.rstrip("/")


def test_the_environment_may_name_another_host() -> None:
    base = base_of(a_manifest(), {"ACME_BASE_URL": "https://proxy.firma.example/acme"}, private=False)

    assert base.url_of("person/5/") == "https://proxy.firma.example/acme/person/5/"


def test_the_environment_may_not_name_a_private_address() -> None:
    with pytest.raises(ForbiddenHost, match="SPOJKA_ALLOW_PRIVATE_HOSTS"):
        base_of(a_manifest(), {"ACME_BASE_URL": "https://192.168.1.5/"}, private=False)


def test_the_environment_may_name_a_private_address_where_that_is_allowed() -> None:
    base = base_of(a_manifest(), {"ACME_BASE_URL": "http://127.0.0.1:5001/api/"}, private=True)

    assert base.url_of("/person/") == "http://127.0.0.1:5001/api/person/"


def test_a_plugin_may_name_another_host_of_its_vendor() -> None:
    base = base_of(a_manifest(), {}, private=False)

    assert base.url_of("https://eu.acme.example/api/person/") == "https://eu.acme.example/api/person/"
    with pytest.raises(ForbiddenHost, match=r"evil\.example is none of the vendor's hosts"):
        base.url_of("https://evil.example/api/person/")


def test_whole_addresses_follow_the_environment_too() -> None:
    base = base_of(a_manifest(), {"ACME_BASE_URL": "http://127.0.0.1:5001/acme/"}, private=True)

    assert base.url_of("https://eu.acme.example/api/person/") == "http://127.0.0.1:5001/acme/person/"


def test_a_plugin_without_an_address_opens_and_sends_nothing(tmp_path: Path) -> None:
    way = ways_of("", tmp_path).open("local", "local:1", lane="live")

    with pytest.raises(ForbiddenHost, match="names no vendor's address"):
        way.send(Request("GET", "x"))


def ways_of(url: str, folder: Path) -> Ways:
    manifest = a_manifest(base_url=url, base_url_env="", hosts=("localhost", "twofaced.example"))
    return Ways(
        Settings(allow_private_hosts=False),
        VirtualClock(),
        MiddleDice(),
        store_in(folder),
        Manifests(manifest),
        None,
        "",
        ThreadCrew(),
    )


def test_a_name_that_resolves_to_a_private_address_is_refused_before_anything_is_sent(tmp_path: Path) -> None:
    vendor = Vendor()
    with Listening(vendor) as listening:
        url = f"https://localhost:{listening.server.server_port}/"
        way = ways_of(url, tmp_path).open("acme", "acme:1", lane="live")

        with pytest.raises(ForbiddenHost, match="localhost leads to a private address"):
            way.send(Request("GET", "x"))

    assert vendor.asked == []


def test_a_name_that_answers_differently_the_second_time_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", two_faced(socket.getaddrinfo))
    vendor = Vendor()
    with Listening(vendor) as listening:
        url = f"https://twofaced.example:{listening.server.server_port}/"
        way = ways_of(url, tmp_path).open("acme", "acme:1", lane="live")

        with pytest.raises(ForbiddenHost, match=r"twofaced\.example leads to a private address"):
            way.send(Request("GET", "x"))

    assert vendor.asked == []


def two_faced(real: Callable[..., Any]) -> Callable[..., Any]:
    """A resolver that shows a public address first and this machine afterwards."""
    faces = iter(["93.184.216.34"])

    def resolve(host: str, port: int, *args: Any, **kwargs: Any) -> Any:
        return real(next(faces, "127.0.0.1") if host == "twofaced.example" else host, port, *args, **kwargs)

    return resolve


def test_proxies_and_logins_of_the_environment_are_ignored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with Listening(Vendor()) as listening:
        manifest = a_manifest(base_url=listening.url, base_url_env="", hosts=("127.0.0.1",))
        opened = Ways(
            Settings(), VirtualClock(), MiddleDice(), store_in(tmp_path), Manifests(manifest), None, "", ThreadCrew()
        )

        assert opened.open("acme", "acme:1", lane="live").send(Request("GET", "x")).status == 200
