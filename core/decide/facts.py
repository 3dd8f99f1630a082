"""Everything known about one address of one list, and what may come out of it."""

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from enum import StrEnum

from core.decide.frozen import dataclass
from core.decide.rules import Rule
from spojka import Field, Kind, Limits, Standing, Status, Write

RecordKey = tuple[int, str, str]
"""(connection, kind, record id)."""


@dataclass(frozen=True, slots=True)
class Standpoint:
    """One record that names the address, in one slot, with the values that others lend it (R45).

    `ticket` is that of the reading, or of our own write, that the values are from.
    """

    connection: int
    kind: Kind
    id: str
    sort_key: str
    slot: int
    fields: Mapping[str, str]
    tags: tuple[str, ...] = ()
    one_way: frozenset[str] = frozenset()
    standing: Standing = Standing.USUAL
    mailable: bool = True
    created_at: datetime | None = None
    found: str = "backfill"
    note: str = ""
    ticket: int = 0

    @property
    def key(self) -> RecordKey:
        """Which record this is."""
        return (self.connection, str(self.kind), self.id)

    @property
    def rank(self) -> tuple[int, str, int]:
        """Persons before companies, then the lowest id (R7)."""
        return (0 if self.kind is Kind.PERSON else 1, self.sort_key, self.slot)


class Origin(StrEnum):
    """Whether we made the profile, or it was there."""

    CREATED = "created"
    ADOPTED = "adopted"


@dataclass(frozen=True, slots=True)
class Put:
    """A write into a record, for one binding, whose effect no reading has confirmed (R29, R32).

    `fields`: field -> (what it was to overwrite, what it sent). `ticket`, `ended`, `repeats` as in `Call`. `judged`: a
    reading made after it has said something of it. `back`: it took something back, of which the list says something
    else (R35).
    """

    fields: Mapping[str, tuple[str, str]]
    ticket: int
    ended: int
    at: datetime
    repeats: int = 0
    judged: bool = False
    back: bool = False


@dataclass(frozen=True, slots=True)
class Bound:
    """A binding of the address.

    `agreed` is the snapshot of the CRM's side; `standing` what its record is now; `pending`: see `Put`, oldest first.
    """

    connection: int
    kind: Kind
    id: str
    sort_key: str
    slot: int
    origin: Origin
    open: bool
    why: str
    agreed: Mapping[str, str]
    agreed_tags: tuple[str, ...] = ()
    standing: Standing = Standing.USUAL
    pending: tuple[Put, ...] = ()

    @property
    def key(self) -> RecordKey:
        """Whose binding this is."""
        return (self.connection, str(self.kind), self.id)

    @property
    def rank(self) -> tuple[int, str, int]:
        """As `Standpoint.rank`."""
        return (0 if self.kind is Kind.PERSON else 1, self.sort_key, self.slot)


class Back(StrEnum):
    """What became of a value that was to be taken back.

    SAME: it stood there already. EDITED: somebody has edited it since. GONE: its contact is not tied any more. REFUSED:
    it can't be written.
    """

    DONE = "done"
    SAME = "same"
    EDITED = "edited"
    GONE = "gone"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class TakeBack:
    """A value that a person wants to be as it was before a write of ours (R35).

    `was` is what that write left, `value` what stood there before. Of `tags`, both are parted by commas: those that
    came, and those that went.
    """

    id: int
    connection: int
    to_crm: bool
    field: str
    was: str
    value: str


@dataclass(frozen=True, slots=True)
class Seen:
    """The profile as the list said it last.

    `fields` lacks what the reading did not say: fields that pages leave out are here only after a look-up (part C).
    """

    status: Status
    uid: str
    since: datetime | None
    fields: Mapping[str, str]
    tags: tuple[str, ...] | None
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Missing:
    """The address is not in the list. `elsewhere`: statuses in the account's other lists (R17)."""

    elsewhere: tuple[Status, ...] = ()
    account: Seen | None = None


NOT_THERE = Missing()
"""Nowhere in the account, as most addresses of a first run."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nobody has looked since the reason to look; never a reason to add."""


Sight = Seen | Missing | Unknown


@dataclass(frozen=True, slots=True)
class Call:
    """A call to the list about this address whose effect no reading has confirmed (R29, R32, R101).

    `fields`: field -> (what it was to overwrite, what it sent). `tags`: the complete set it sent. `ticket` was drawn
    when it was noted; `ended` when its answer was read (0: never read). `vendor_time` is the vendor's clock before the
    call. `repeats` counts how often the same was sent again for not being stored. `later` is kept of a call of unknown
    end: the tags seen or written after it; None: no reading has judged it yet. `joins`: an addition of somebody whom
    the account knew; what it shares was sent only where it was empty, and by a call that followed (R17). `back`: fields
    that were taken back, of which the CRM says something else (R35).
    """

    add: bool
    fields: Mapping[str, tuple[str, str]]
    tags: tuple[str, ...] | None
    source: str
    ticket: int
    ended: int
    at: datetime
    vendor_time: datetime
    repeats: int = 0
    later: tuple[str, ...] | None = None
    joins: bool = False
    back: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Facts:
    """What goes into a plan.

    `agreed` is the list's snapshot (a missing field has none). `pending`: see `Call`, oldest first. `ours`: we created
    the profile. `known`: we have seen it, so its absence is a deletion (R15). `uid`, `since`: of the profile the
    snapshots belong to (R28). `ticket`: of the reading that `sight` is, or of our write that the mirror took over.
    `pass_ticket`: when the last complete pass began; it found `sight` unchanged where its ticket is higher. `looked`:
    `sight` is a look-up made for this plan, so that what it leaves out can't be found by looking. `old`: `sight` is
    older than the reason for deciding, which is enough to do nothing (R104). `edits`: what waits to be written into
    records already; `takebacks`: what is to be taken back. `shared_ruling` is the connection that rules what the
    account shares (R34), where that may be another list's; `shared_elsewhere`: it is, and has a record tied to the
    address there.
    """

    email: str
    records: tuple[Standpoint, ...]
    sight: Sight
    bindings: tuple[Bound, ...] = ()
    agreed: Mapping[str, str] = field(default_factory=dict)
    pending: tuple[Call, ...] = ()
    ours: bool = False
    known: bool = False
    ruling: int | None = None
    uid: str = ""
    since: datetime | None = None
    ticket: int = 0
    pass_ticket: int = 0
    now: datetime | None = None
    looked: bool = False
    old: bool = False
    edits: tuple["Edit", ...] = ()
    takebacks: tuple[TakeBack, ...] = ()
    shared_ruling: int | None = None
    shared_elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class Edit:
    """A field of a record that shall say something else, because somebody edited it in the list (R22, R24).

    `was` is what the record says, `value` what it shall say. `asks`: a person chooses between them; `choice` is what
    was chosen (`crm`, `list`). `refused` says why it can't be written. `repeats`: the CRM confirmed it, and did not
    store it. `rule` says why, `state` is that of its row in the outbox; `run` found it.
    """

    key: RecordKey
    field: str
    was: str
    value: str
    rule: Rule
    asks: bool = False
    refused: str = ""
    repeats: int = 0
    choice: str = ""
    state: str = ""
    run: int | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """The settings of one connection, as far as they decide.

    `unread`: its first reading has not ended (R80); `first_sync`: its first run has not (R96).
    """

    connection: int
    tag: str
    source: str
    fields: Mapping[str, Field]
    kind_only: str = ""
    both_emails: bool = False
    include_colleagues: bool = False
    include_own_company: bool = False
    respect_do_not_send: bool = True
    follow_tags: bool = False
    conflicts: str = "crm"
    write_fields: bool = True
    on_delete: str = "keep"
    on_email_change: str = "keep"
    start_automations: bool = False
    automation_max_age_hours: int = 24
    join_who_left_elsewhere: bool = False
    double_opt_in: str = "skip"
    paused: bool = False
    unread: bool = False
    first_sync: bool = False


@dataclass(frozen=True, slots=True)
class Terms:
    """What the audience is like: its limits, the fields its pages leave out, and those all its lists share."""

    limits: Limits
    unsaid: frozenset[str] = frozenset()
    shared: frozenset[str] = frozenset()
    shared_tags: bool = False


class Verb(StrEnum):
    """What a plan asks for."""

    ADD = "add"
    JOIN = "join"
    ADOPT = "adopt"
    CHANGE = "change"
    UNSUBSCRIBE = "unsubscribe"
    KEEP = "keep"
    SKIP = "skip"
    LOOK = "look"
    LATER = "later"
    HOLD = "hold"
    PARK = "park"


class Outcome(StrEnum):
    """What a reconciliation made of an address, for one connection."""

    CREATED = "created"
    ADOPTED = "adopted"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Tie:
    """A binding as it shall be after the settle: open with snapshots, or closed with a reason."""

    key: RecordKey
    slot: int
    origin: Origin
    agreed: Mapping[str, str]
    agreed_tags: tuple[str, ...] = ()
    open: bool = True
    why: str = ""
    pending: tuple[Put, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the timeline: what changed, from what to what (R95)."""

    connection: int
    rule: Rule
    what: str
    changes: Mapping[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Decision:
    """The plan for one address.

    `write` goes out by the verb's call, `then` after it (R17's union). `agreed`, `pending`, `ours`, `ruling` are what
    the list's side shall be after the settle of a success; `ties` the bindings. `outcomes`: (connection, outcome, why).
    `again_after` seconds: due once more later. `parked`: why it waits for a person or for its input to change.
    `stands`: snapshots are taken as they stand, which only a reading asked for after the reason may give (part C).
    `held_for`: the connection whose brake holds it (R96). `edits` are to be written into records, beside all this.
    `back`: the written fields that are taken back; `taken`: what became of what was to be (R35).
    """

    email: str
    verb: Verb
    rule: Rule
    write: Write | None = None
    then: Write | None = None
    start_automations: bool = False
    agreed: Mapping[str, str] | None = None
    pending: tuple[Call, ...] | None = None
    ours: bool = False
    known: bool = True
    ruling: int | None = None
    ties: tuple[Tie, ...] = ()
    outcomes: tuple[tuple[int, Outcome, str], ...] = ()
    lines: tuple[Line, ...] = ()
    again_after: int = 0
    parked: str = ""
    stands: bool = False
    held_for: int = 0
    edits: tuple[Edit, ...] = ()
    back: frozenset[str] = frozenset()
    taken: tuple[tuple[TakeBack, Back], ...] = ()
