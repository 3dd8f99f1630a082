"""What to tell people about a contact that failed: what is wrong and what to do; the vendor's own words stand below."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.admin.context import world
from core.admin.language import _
from core.admin.stops import label
from core.decide.rules import Rule
from core.store.base import among
from core.store.connections import ConnectionRow
from core.store.due import DueRow
from spojka import Kind

UNREADABLE = "R93"


def sentence(row: ConnectionRow, rule: str) -> str:
    """Why a contact failed and what to do, by the rule that the failure cites; `""` where it cites none."""
    crm, audience = label(row.plugin), label(row.audience)
    said = {
        UNREADABLE: _("Záznam nejde přečíst. Opravte ho v %(crm)s, pak se přečte znovu.", crm=crm),
        Rule.R92.value: _(
            "%(list)s kontakt odmítl. Opravte ho v %(crm)s, pak se zkusí znovu sám.", list=audience, crm=crm
        ),
        Rule.R101.value: _(
            "%(list)s ani napotřetí nepotvrdil, co se stalo. Podívejte se tam na kontakt a zkuste to znovu.",
            list=audience,
        ),
        Rule.R103.value: _(
            "Štítek jsme zapsali, ale %(list)s ho neukazuje. Podívejte se tam na kontakt a zkuste to znovu.",
            list=audience,
        ),
        Rule.R22.value: _("%(crm)s zápis nepřijal. Opravte kontakt tam, nebo v seznamu, a zkuste to znovu.", crm=crm),
        Rule.R96.value: _("Někdo rozhodl, že kontakt nemá odejít. Další pokus to rozhodnutí zruší."),
        Rule.R32.value: _(
            "%(list)s hodnotu přijal, ale neuložil. Podívejte se tam na kontakt a zkuste to znovu.", list=audience
        ),
    }
    return said.get(rule, _("Kontakt se nepřenesl. Podle podrobností ho opravte a zkuste to znovu."))


def cited(session: Session, list_id: int, emails: Sequence[str]) -> dict[str, str]:
    """The rule that each of these addresses was parked by. At most one query."""
    if not emails:
        return {}
    chosen = select(DueRow.email, DueRow.rule).where(
        DueRow.list_id == list_id, DueRow.parked != "", among(session, DueRow.email, emails)
    )
    return {row[0]: row[1] for row in session.execute(chosen)}


def record(name: str) -> str:
    """`person:12` as people say it."""
    kind, _colon, number = name.partition(":")
    if kind == Kind.PERSON:
        return _("osoba %(number)s", number=number)
    return _("firma %(number)s", number=number) if kind == Kind.COMPANY else name


def record_url(row: ConnectionRow, name: str) -> str:
    """Where the record is seen at the CRM; `""` where that is not known, or the installation asks somebody else."""
    registry = world().registry
    manifest = registry.manifest(row.plugin) if row.plugin in registry.names() else None
    if manifest is None or not manifest.record_link or manifest.base_url_env in world().settings.base_urls:
        return ""
    kind, _colon, number = name.partition(":")
    known = {key: str(value) for key, value in row.settings.items()}
    where = {"host": urlsplit(manifest.base_url).netloc, "kind": kind, "id": number}
    try:
        return manifest.record_link.format_map(known | where)
    except KeyError:  # the template names a setting that this connection does not have
        return ""
