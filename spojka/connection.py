"""One CRM account tied to one list, as a plugin sees it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from spojka.contact import Json


@dataclass(frozen=True, slots=True)
class Connection:
    """What a plugin may know of a connection: its own settings and its own secrets, never the other side's.

    `settings` has been validated by the plugin's own settings schema; `secrets` never appears in a repr.
    """

    id: int
    settings: Mapping[str, Json]
    secrets: Mapping[str, str] = field(repr=False)
    locale: str = "cs"
