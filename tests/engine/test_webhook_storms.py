"""Whatever happens in whatever order, one webhook is left in the end, and its secret is known (R73, R94)."""

from random import Random

import pytest

from core import connecting
from core.engine.crash import WEBHOOK
from core.engine.watching import watch_now
from spojka.emulator import Fault
from tests.engine.test_watching import HOOKS, OUTSIDE, Died, die, hooks, is_whole, outside, refusal, url
from tests.support.worlds import House

FOREIGN = "https://erp.firma.cz/hooks/abc"
METHODS = ("GET", "PUT", "DELETE")


class Storm:
    """Things that happen to a connection's webhook; each leaves half a minute for the next."""

    def __init__(self, house: House, dice: Random) -> None:
        self.house, self.dice = house, dice
        self.connection = house.connect()
        house.raynet.webhooks.register({"url": FOREIGN, "events": ["record.updated"]})

    def look(self) -> None:
        try:
            watch_now(outside(self.house), self.connection)
        except Died:
            self.house.bury()

    def death(self) -> None:
        self.house.points.once(self.dice.choice(WEBHOOK), die)
        self.look()

    def second(self) -> None:
        self.house.points.once(self.dice.choice(WEBHOOK), lambda: watch_now(outside(self.house), self.connection))
        self.look()

    def fault(self) -> None:
        kind, method = self.dice.choice(("lose", "drop", "refuse")), self.dice.choice(METHODS)
        self.house.raynet.fail(refusal(method, 500) if kind == "refuse" else Fault(kind, method, HOOKS))
        self.look()

    def rotation(self) -> None:
        connecting.rotate(self.house.world, self.connection)

    def rotation_meanwhile(self) -> None:
        self.house.points.once("watch.after_call", self.rotation)
        self.look()

    def pause(self) -> None:
        connecting.pause(self.house.world, self.connection)
        self.look()
        connecting.resume(self.house.world, self.connection)

    def drop_all_of_ours(self) -> None:
        found = self.house.raynet.webhooks.all
        for hook in hooks(self.house):
            if hook.url != FOREIGN:
                del found[hook.id]

    def impostor(self) -> None:
        address = url(self.house, self.connection)
        self.house.raynet.webhooks.register({"url": address, "events": ["record.updated"], "secretToken": "mine"})

    def blow(self) -> None:
        acts = (
            *(self.look, self.death, self.second, self.fault, self.fault),
            *(self.rotation, self.rotation_meanwhile, self.pause, self.drop_all_of_ours, self.impostor),
        )
        self.dice.choice(acts)()
        self.house.clock.advance(self.dice.choice((30, 400, 86_401)))


@pytest.mark.parametrize("seed", range(12))
def test_R94_after_any_storm_one_webhook_is_left_and_foreign_ones_are_untouched(house: House, seed: int) -> None:
    storm = Storm(house, Random(seed))
    for _ in range(25):
        storm.blow()
    house.points.at.clear()
    house.raynet.faults.clear()

    for _ in range(2):
        house.clock.advance(86_401)
        watch_now(outside(house), storm.connection)

    foreign = [hook for hook in hooks(house) if hook.url == FOREIGN]
    assert len(foreign) == 1
    del house.raynet.webhooks.all[foreign[0].id]
    assert is_whole(house, storm.connection)
    assert hooks(house)[0].url.startswith(OUTSIDE)
