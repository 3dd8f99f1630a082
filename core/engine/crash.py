"""The named points at which a test kills the process; in production passing one does nothing."""

PAGES = ("page.read", "page.mapped", "page.before_commit", "page.after_commit")
PASS = ("pass.read", "pass.before_commit", "pass.after_commit")
BATCH = (
    "due.claimed",
    "due.looked",
    "note.before_commit",
    "note.after_commit",
    "list.before_call",
    "list.after_call",
    "list.between_calls",
    "settle.before_commit",
    "settle.after_commit",
)
"""One batch of due addresses, from claim to settle: the same whoever works it off."""

RUN = ("run.leased", *PAGES, "run.between_phases", *PASS, *BATCH, "run.before_end", "run.before_release")
"""Points of a complete run."""

NIGHT = ("night.leased", "night.walked", "night.before_commit", "night.after_commit", "night.before_release")
"""Points of a nightly compare, beside those of its reading."""

WEBHOOK = ("watch.before_removal", "watch.before_call", "watch.after_call", "watch.before_commit", "watch.after_commit")
"""Points of registering our webhook at the CRM."""

BACK = (
    "outbox.claimed",
    "crm.before_call",
    "crm.after_call",
    "outcome.before_commit",
    "outcome.after_commit",
    "outbox.before_release",
)
"""Points of writing into the CRM what the outbox holds."""

SENDING = (*BACK, "lane.before_release")
"""Points of a run that found edits in the list: they go out, and their addresses are reconciled once more."""

MORNING = (
    "morning.leased",
    "morning.collected",
    "morning.before_lines",
    *BACK,
    "morning.before_end",
)
"""Points of a morning run."""

LIVE = (
    "scheduler.ticked",
    "reading.leased",
    "reading.claimed",
    *PAGES,
    "reading.before_release",
    *PASS,
    *BATCH,
    "lane.before_release",
    *BACK,
    *WEBHOOK,
    *NIGHT,
    *MORNING,
)
"""Points of what goes on without a run of the list: readings, passes, the way back, the webhook, nights, mornings."""

LOST = ("list.answer_lost", "crm.answer_lost")
"""Passed only where a vendor stored a call and its answer never came."""

BELLS = ("bell.before_commit", "bell.after_commit")
ACTIONS = ("action.before_commit", "action.after_commit")
EVENTS = ("events.before_commit", "events.after_commit")
DOORS = (*BELLS, *ACTIONS, *EVENTS)
"""Points outside of jobs: where something comes in from outside."""

POINTS = tuple(dict.fromkeys((*RUN, *LIVE, *LOST, *DOORS)))
"""All of them."""
