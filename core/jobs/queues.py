"""Queues by urgency, in the order in which workers look at them."""

QUEUES = ("realtime", "default", "bulk")
JOB_SECONDS = 4 * 3600
"""No call of a plugin may hang a worker for longer."""
KEPT_SECONDS = 3600


def job_id(task: str, key: int) -> str:
    """One waiting job a task and key."""
    return f"{task}-{key}"
