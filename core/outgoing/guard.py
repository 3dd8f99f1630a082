"""No connection leads anywhere but to its vendor: hosts are named, addresses behind a name are looked at (SSRF)."""

import ipaddress
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import urlsplit

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from spojka import Manifest, Refused

ALLOW = "SPOJKA_ALLOW_PRIVATE_HOSTS"


class ForbiddenHost(Refused):
    """The address is not one of the vendor's, or leads into a private network. Nothing was sent."""

    code: ClassVar[str] = "forbidden_host"


@dataclass(frozen=True, slots=True)
class Base:
    """Where a plugin's requests go, checked. `own` is the path below which the manifest's paths begin.

    `moved`: the environment names another place than the manifest; then everything goes there.
    """

    url: str
    own: str
    hosts: tuple[str, ...]
    private: bool
    moved: bool

    def url_of(self, path: str) -> str:
        """The whole address of a request's path.

        A plugin whose customers live on several of the vendor's hosts may give a whole address as `path`. Where the
        environment names another place, the request goes there all the same.
        Raises ForbiddenHost.
        """
        if not self.url:
            raise ForbiddenHost("This plugin names no vendor's address, so there is nowhere to send to.")
        if not path.startswith(("http://", "https://")):
            return f"{self.url}/{path.lstrip('/')}"
        if not self.moved:
            check_url(path, self.hosts, private=self.private)
            return path
        return f"{self.url}/{urlsplit(path).path.removeprefix(self.own).lstrip('/')}"


def base_of(manifest: Manifest, base_urls: Mapping[str, str], *, private: bool) -> Base:
    """The base address of a plugin: the environment's where it names one, else the manifest's.

    `private` allows private networks and plain http. A plugin without an address opens and sends nothing.
    Raises ForbiddenHost.
    """
    moved = base_urls.get(manifest.base_url_env, "") if manifest.base_url_env else ""
    url = moved or manifest.base_url
    if not url:
        return Base("", "", (), private, False)
    hosts = (*manifest.hosts, urlsplit(url).hostname or "") if moved else manifest.hosts
    check_url(url, hosts, private=private)
    url, declared = url.rstrip("/"), manifest.base_url.rstrip("/")
    return Base(url, urlsplit(declared).path, hosts, private, url != declared)


def check_url(url: str, hosts: tuple[str, ...], *, private: bool) -> None:
    """Refuse an address that is not http(s), carries a login, or is on a host that nobody named.

    A host with a leading dot stands for all below it. Plain http is for private networks alone.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("https", "http") or not parts.hostname or "@" in parts.netloc:
        raise ForbiddenHost(
            "The base address is not a plain https address. Write it like https://app.example.com/api/."
        )
    if parts.scheme == "http" and not private:
        raise ForbiddenHost(f"The base address on {parts.hostname} is not https. Only {ALLOW} lets plain http through.")
    if not any(_names(host, parts.hostname) for host in hosts):
        raise ForbiddenHost(
            f"{parts.hostname} is none of the vendor's hosts ({', '.join(hosts)}). Correct the address."
        )
    if not private and _is_address(parts.hostname):
        check_address(parts.hostname, parts.hostname)


def check_address(host: str, address: str) -> None:
    """Refuse an address that is not out in the public internet; what an IPv6 address wraps is looked at, too."""
    if not is_public(address):
        raise ForbiddenHost(
            f"{host} leads to a private address. Nothing was sent; correct it, or set {ALLOW}=1 on a test machine."
        )


def is_public(address: str) -> bool:
    """Whether an IP address is neither private, loopback, link-local, multicast nor reserved."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        wrapped = _wrapped(found)
        if wrapped is not None:
            return is_public(str(wrapped))
    return found.is_global and not found.is_multicast and not found.is_reserved


def _wrapped(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    if address in ipaddress.IPv6Network("64:ff9b::/96"):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)


def _names(rule: str, host: str) -> bool:
    rule, host = rule.lower(), host.lower().rstrip(".")
    return host == rule.lstrip(".") or (rule.startswith(".") and host.endswith(rule))


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


class _Watched:
    """Looks at what a name resolves to before connecting, and at who is at the other end before a byte is sent.

    The second look can't be cheated by a name that answers differently the second time.
    """

    host: str
    port: int
    _dns_host: str

    def _new_conn(self) -> socket.socket:
        for _, _, _, _, place in _resolved(self._dns_host, self.port):
            check_address(self.host, str(place[0]))
        found: socket.socket = super()._new_conn()  # type: ignore[misc]  # the other base class has it
        try:
            check_address(self.host, str(found.getpeername()[0]))
        except ForbiddenHost:
            found.close()
            raise
        return found


def _resolved(host: str, port: int) -> list[Any]:
    try:
        return list(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
    except socket.gaierror:
        return []  # connecting fails on it again and says so as any broken connection does


class _WatchedHTTP(_Watched, HTTPConnection):
    pass


class _WatchedHTTPS(_Watched, HTTPSConnection):
    pass


class _HTTPPool(HTTPConnectionPool):
    ConnectionCls = _WatchedHTTP


class _HTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _WatchedHTTPS


class GuardedAdapter(HTTPAdapter):
    """A transport whose every connection is watched."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """As usual, with watched connections."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _HTTPPool, "https": _HTTPSPool}
