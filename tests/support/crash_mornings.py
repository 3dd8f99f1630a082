"""Mornings in which real processes die: what stands in the CRM's history and on its records is the same in the end."""

import shutil
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property
from typing import Any

import orjson

from core.engine import crash
from plugins.ecomail.sandbox import EcomailEmulator
from plugins.raynet.sandbox import RaynetEmulator
from spojka.emulator import Fault, utc_now
from tests.support.crash_account import LIST, Variant
from tests.support.crash_cases import FIRST, KILLED, Scene
from tests.support.crash_stage import Act, Life, Play, keep

POINTS = crash.MORNING
DOCUMENTED = Variant("as documented")
LATER = timedelta(hours=1)
"""How much later the next process looks: what may have been sent can't arrive any more by then."""
CAMPAIGNS = (10, 11)


@dataclass(frozen=True)
class Told:
    """What the CRM holds after a morning, and what Spojka still wants to write."""

    entries: Mapping[str, int]
    recipients: Mapping[str, tuple[str, str, str]]
    stats: Mapping[str, Any]
    tags: Mapping[str, tuple[str, ...]]
    left: Mapping[str, int]


@dataclass
class Mornings:
    """Plays that begin with a filled list, two campaigns, and tags that wait for the morning."""

    scene: Scene

    @cached_property
    def act(self) -> Act:
        """After a first run, with what happened since."""
        with self.scene.play(FIRST, DOCUMENTED) as play:
            first = play.live()
            assert first.document is not None, first.complaint
            _campaigns(play.audience)
            kept = dict(keep(play.url))
            kept["outbox"] = _wishes(kept)
            return replace(play.act, kept=kept, members=orjson.dumps(play.audience.dump()))

    def after(self, *deaths: str, faults: tuple[Fault, ...] = ()) -> tuple[Told, Counter[str]]:
        """What is true once somebody has lived after these deaths (`point:passing`); what was passed."""
        act = self.act
        with self.scene.fresh() as url:
            play = self.scene.stage.play(act, url, DOCUMENTED)
            for fault in faults:
                play.crm.fail(fault)
            passed: Counter[str] = Counter()
            try:
                for number, at in enumerate([*deaths, "", ""]):
                    life = _live(play, number, at)
                    passed.update(life.passed)
                    wanted = KILLED if at else 0
                    assert life.status == wanted, f"{at or 'nobody'}: ended with {life.status}. {life.complaint}"
                return _told(play), passed
            finally:
                shutil.rmtree(play.folder)


def _live(play: Play, number: int, at: str) -> Life:
    moment = (utc_now() + number * LATER).isoformat()
    return play.live(at, ("daily", "1", "--json", "--now", moment))


def _campaigns(audience: EcomailEmulator) -> None:
    """Two campaigns: everybody got both, every third opened, every seventh clicked."""
    mailings, now = audience.account.mailings, audience.account.now()
    members = [member.person.key for member in audience.account.store.members_of(LIST)]
    for number in CAMPAIGNS:
        mailings.add_campaign(number, f"Kampaň {number}", status=3, sent_at=now.local, recepient_lists=[LIST])
        for place, email in enumerate(members):
            mailings.happen("send", email, now.utc, campaign=number)
            if place % 3 == 0:
                mailings.happen("open", email, now.utc, campaign=number)
            if place % 7 == 0:
                mailings.happen("click", email, now.utc, campaign=number)


def _wishes(kept: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Tags asked for five tied addresses: added, added and removed, and one that is there already."""
    emails = sorted({row["email"] for row in kept["bindings"] if row["state"] == "open"})[:5]
    at = max(row["at"] for row in kept["outcomes"])
    asked = [(email, "VIP", True) for email in emails] + [(emails[0], "VIP", False), (emails[1], "raynet", False)]
    return [
        {
            "id": 9000 + number,
            "connection_id": 1,
            "kind": "tag",
            "key": f"tag:{number}",
            "email": email,
            "payload": {"tag": tag, "add": add, "first": at.isoformat(), "stage": ""},
            "state": "waiting",
            "claim": "",
            "attempts": 0,
            "next_try": at,
            "last_error": "",
            "created_at": at,
            "closed_at": None,
        }
        for number, (email, tag, add) in enumerate(asked)
    ]


def _told(play: Play) -> Told:
    crm = play.crm
    rows = keep(play.url)
    mails = crm.store.mass_emails.rows
    recipients = {
        f"{mails[row['massEmail']]['externalId']} {row['email']} {row.get('person') or row.get('company')}": (
            row["status"],
            row.get("opened") or "",
            row.get("clicked") or "",
        )
        for row in crm.store.recipients.rows.values()
    }
    return Told(
        dict(Counter(row["externalId"] for row in mails.values())),
        recipients,
        {row["externalId"]: row["stats"] for row in mails.values()},
        {key: tuple(sorted(row.get("tags", ()))) for key, row in _records(crm).items()},
        dict(Counter(row["state"] for row in rows["outbox"] if row["state"] != "done")),
    )


def _records(crm: RaynetEmulator) -> dict[str, dict[str, Any]]:
    shelves = {"person": crm.store.persons, "company": crm.store.companies}
    return {f"{kind} {key}": row for kind, shelf in shelves.items() for key, row in shelf.rows.items()}
