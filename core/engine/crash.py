"""The named points of a run at which a test kills the process; in production passing one does nothing."""

POINTS = (
    "run.leased",
    "page.read",
    "page.mapped",
    "page.before_commit",
    "page.after_commit",
    "run.between_phases",
    "pass.read",
    "pass.before_commit",
    "pass.after_commit",
    "due.claimed",
    "due.looked",
    "note.before_commit",
    "note.after_commit",
    "list.before_call",
    "list.after_call",
    "list.between_calls",
    "settle.before_commit",
    "settle.after_commit",
    "run.before_end",
    "run.before_release",
)

DOORS = ("bell.before_commit", "bell.after_commit")
"""Points outside a run: where something comes in from outside."""

WEBHOOK = ("watch.before_removal", "watch.before_call", "watch.after_call", "watch.before_commit", "watch.after_commit")
"""Points of registering our webhook at the CRM."""
