"""Our custom fields in a list: found by name, or made by the first row that names them (R40)."""

import unicodedata
from collections.abc import Sequence

from sqlalchemy import update
from sqlalchemy.orm import Session

from core.engine.job import Job
from core.store.connections import ListRow
from spojka import Custom, CustomField, Write


def find(job: Job) -> None:
    """Which of our custom fields the list has, as it is now; what was deleted there is made again. One request."""
    job.keys = match(job.ground.customs, job.audience.adapter.fields(job.contact_list))
    _remember(job)


def learn(job: Job) -> None:
    """The first row has gone: what the list made of our names. One request; names it kept to itself go as sent."""
    found = match(job.ground.customs, job.audience.adapter.fields(job.contact_list))
    job.keys_tried = True
    job.keys = {**{Custom(name).key: _sent_as(job, name) for name in job.ground.customs}, **found}
    job.ground.contact_list.custom_keys = found
    _remember(job)


def _sent_as(job: Job, name: str) -> str:
    return job.keys.get(Custom(name).key, name)


def open_columns(job: Job) -> list[str]:
    """Names of custom fields that the list is not known to have."""
    return [name for name in job.ground.customs if Custom(name).key not in job.keys]


def with_columns(job: Job, write: Write) -> Write:
    """The row that makes the columns names them all; what it has no value for is empty."""
    empty = {Custom(name).key: "" for name in open_columns(job)}
    return Write(write.email, {**empty, **write.fields}, write.tags, write.source)


def plain(name: str) -> str:
    """The spelling without diacritics."""
    return "".join(c for c in unicodedata.normalize("NFD", name) if not unicodedata.combining(c))


def match(customs: Sequence[str], there: Sequence[CustomField]) -> dict[str, str]:
    """Custom key -> the list's key: by key or label, without case; the spelling without diacritics comes second."""
    by_name = {field.label.strip().casefold(): field.key for field in there}
    by_name.update({field.key.strip().casefold(): field.key for field in there})
    found: dict[str, str] = {}
    for name in customs:
        for spelling in (name, plain(name)):
            key = by_name.get(unicodedata.normalize("NFC", spelling).casefold())
            if key is not None:
                found[Custom(name).key] = key
                break
    return found


def _remember(job: Job) -> None:
    keys = {
        key: value
        for key, value in job.keys.items()
        if not job.keys_tried or key in job.ground.contact_list.custom_keys
    }

    def work(session: Session) -> None:
        moved = update(ListRow).where(ListRow.id == job.list_id).values(custom_keys=keys)
        session.execute(moved.execution_options(synchronize_session=False))

    job.commit(work)
