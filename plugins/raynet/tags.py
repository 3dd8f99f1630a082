"""Tags of records: added and removed one record at a time, several of one record in one call (Raynet API, 4)."""

from collections.abc import Sequence
from dataclasses import replace

from plugins.raynet.client import PATHS, RaynetCrm
from plugins.raynet.doing import accepted, carried_out
from spojka import Outcome, TagAction

MOST = 20
"""Tags a call; how long a body may get is not documented."""


def write(crm: RaynetCrm, actions: Sequence[TagAction]) -> tuple[Outcome, ...]:
    """Send actions, those of one record after each other; see `carried_out`."""
    groups: dict[tuple[str, str, bool], list[TagAction]] = {}
    for action in actions:
        groups.setdefault((action.kind, action.id, action.add), []).append(action)
    calls = [group[start : start + MOST] for group in groups.values() for start in range(0, len(group), MOST)]
    outcomes = carried_out(
        crm, calls, lambda call: call[0].key, lambda call: _write(crm, call), lambda call: (call[0].kind, call[0].id)
    )
    by_key = {
        action.key: replace(outcome, key=action.key)
        for call, outcome in zip(calls, outcomes, strict=True)
        for action in call
    }
    return tuple(by_key[action.key] for action in actions)


def _write(crm: RaynetCrm, call: Sequence[TagAction]) -> Outcome:
    """`DELETE` carries a body, too. A tag can't hold a comma, so that a comma parts them."""
    first = call[0]
    body = {"tag": ",".join(action.tag for action in call)}
    answer = crm.write("PUT" if first.add else "DELETE", f"{PATHS[first.kind]}{first.id}/tag/", body)
    accepted(answer, f"a tag of {first.kind}:{first.id}")
    return Outcome(first.key, True)
