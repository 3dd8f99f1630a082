"""The demo of `spojka up --demo`: both vendors' sandboxes, a login, and one connection between them."""

import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass

from core import accounts, connecting
from core.cli import sandbox
from core.cli.children import Family
from core.cli.common import world
from core.cli.ports import is_free
from core.errors import WrongInput
from core.ports import World
from core.settings import kept
from spojka import Role
from spojka.sandbox import Sandbox

EMAIL = "demo@spojka.test"
PORT_TRIES = 20
TRIES, TRY_SECONDS = 100, 0.1


@dataclass(frozen=True, slots=True)
class Boxes:
    """The sandboxes that will be served, each at its port."""

    first_port: int
    shipped: Mapping[str, Sandbox]

    def url(self, name: str) -> str:
        """Where one of them is, with the slash."""
        return f"http://127.0.0.1:{self.first_port + list(self.shipped).index(name)}/"


def prepare(*, first_port: int) -> Boxes:
    """What the installed plugins ship, at the first free ports from `first_port` on."""
    shipped = sandbox.found()
    for start_at in range(first_port, first_port + 10 * PORT_TRIES, 10):
        if all(is_free(start_at + number) for number in range(len(shipped))):
            return Boxes(start_at, shipped)
    raise WrongInput(f"No ports are free for the sandboxes from {first_port} on. Choose another: spojka up --port N")


def variables(boxes: Boxes) -> dict[str, str]:
    """The environment that leads to the sandboxes instead of to the vendors."""
    bases = {f"{name.upper()}_BASE_URL": boxes.url(name) + box.path for name, box in boxes.shipped.items()}
    return {**bases, "SPOJKA_ALLOW_PRIVATE_HOSTS": "on"}


def start(family: Family, boxes: Boxes) -> list[str]:
    """Serve the sandboxes, make the login and the connection if this is the first start; what to tell a person."""
    family.start("sandbox", "sandbox", "--port", str(boxes.first_port))
    for name, box in boxes.shipped.items():
        _wait(boxes.url(name) + box.page)
    here = world()
    password = _login(here)
    _connect(here, boxes.shipped)
    here.engine.dispose()
    pages = [f"Sandbox of {name}: {boxes.url(name)}{box.page}" for name, box in boxes.shipped.items()]
    return [f"Sign in as {EMAIL} with the password {password}", *pages]


def _login(here: World) -> str:
    """The same password at every start; a user that is there already keeps his."""
    password = kept(here.settings.home / "demo_password", here.ids.new()[:12])
    with here.sessions.begin() as session:
        if accounts.find(session, EMAIL) is None:
            accounts.create(
                session,
                email=EMAIL,
                role=accounts.Role.ADMIN,
                password=password,
                locale=here.settings.locale,
                now=here.clock.now(),
            )
    return password


def _connect(here: World, shipped: Mapping[str, Sandbox]) -> None:
    with here.sessions() as session:
        session.connection(execution_options={"reading": True})
        if connecting.every(session):
            return
    plugin, audience = (_first(here, shipped, role) for role in (Role.CRM, Role.AUDIENCE))
    connecting.create(
        here,
        plugin=plugin,
        audience=audience,
        contact_list=shipped[audience].contact_list,
        settings=shipped[plugin].settings,
        audience_settings=shipped[audience].settings,
        paused=False,
        test=True,
        by="demo",
    )


def _first(here: World, shipped: Mapping[str, Sandbox], role: Role) -> str:
    for name in here.registry.names(role):
        if name in shipped:
            return name
    raise WrongInput(f"No installed plugin ships a sandbox for the {role.value} side.")


def _wait(url: str) -> None:
    for _ in range(TRIES):
        try:
            urllib.request.urlopen(url, timeout=2).close()
            return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(TRY_SECONDS)
    raise WrongInput(f"The sandbox does not answer at {url}. Is its port taken? Choose another: spojka up --port N")
