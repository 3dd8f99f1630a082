"""Why a run or a connection stopped and what happens now, in the reader's words; the engine keeps a code for it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from core.admin.context import world
from core.admin.language import _, at_time, clock_time, locale
from core.engine.stopping import LIST_GONE
from core.outgoing import ForbiddenHost, Sealed, TooManyRefused
from core.registry.calling import PluginFault
from core.store.connections import ConnectionRow
from core.store.runs import RunRow
from spojka import Busy, Malformed, Refused, Rejected, Unreachable


@dataclass(frozen=True, slots=True)
class Stop:
    """What stopped: whose answer it was, and when it goes on by itself (None: it does not)."""

    vendor: str
    until: datetime | None


def label(plugin: str) -> str:
    """What people call a plugin; its name where it is not installed any more."""
    registry = world().registry
    return registry.manifest(plugin).label.get(locale()) if plugin in registry.names() else plugin


def waits(run: RunRow) -> bool:
    """Whether an open run has stopped and goes on at a time."""
    return run.not_before is not None and run.not_before > world().clock.now()


def of_run(row: ConnectionRow, run: RunRow) -> str:
    """Why a run stopped; empty where its code has no words of its own."""
    said = _BY_CODE.get(run.code)
    return said(Stop(asked(row, run), run.not_before if waits(run) else None)) if said else ""


def of_connection(row: ConnectionRow, run: RunRow | None) -> str:
    """Why a connection stopped; `run` is the one that met it."""
    said = _BY_CODE.get(row.problem, _refused)
    return said(Stop(_named(row, row.problem_text) or (asked(row, run) if run else label(row.plugin)), None))


def asked(row: ConnectionRow, run: RunRow) -> str:
    """Whose answer stopped a run. Until its reading has ended only the CRM is asked; after that it may be either."""
    named = _named(row, run.error)
    if named:
        return named
    crm, audience = label(row.plugin), label(row.audience)
    far = row.audience in world().registry.names() and world().registry.manifest(row.audience).base_url
    return _("%(crm)s nebo %(list)s", crm=crm, list=audience) if run.checkpoint.get("read") and far else crm


def _named(row: ConnectionRow, text: str) -> str:
    """The side that the engine's sentence names."""
    return next((label(name) for name in (row.audience, row.plugin) if name in text.lower()), "")


def _again(stop: Stop) -> str:
    if stop.until is None:
        return _("Zkusíme to znovu.")
    return _("Zkusíme to znovu %(when)s.", when=at_time(stop.until))


def _unreachable(stop: Stop) -> str:
    return _("%(vendor)s neodpovídá.", vendor=stop.vendor) + " " + _again(stop)


def _malformed(stop: Stop) -> str:
    return _("%(vendor)s odpověděl nesrozumitelně.", vendor=stop.vendor) + " " + _again(stop)


def _busy(stop: Stop) -> str:
    """A day's allowance begins anew at midnight UTC; every other limit is a matter of minutes or hours."""
    if stop.until is None:
        return _("%(vendor)s teď nepřijímá další dotazy.", vendor=stop.vendor) + " " + _again(stop)
    if stop.until.astimezone(UTC).strftime("%H:%M") == "00:00":
        return _("Dnešní dotazy jsou vyčerpány, pokračujeme po půlnoci UTC (%(time)s).", time=clock_time(stop.until))
    when = at_time(stop.until)
    return _("%(vendor)s teď nepřijímá další dotazy. Pokračujeme %(when)s.", vendor=stop.vendor, when=when)


def _refused(stop: Stop) -> str:
    return _("%(vendor)s přihlašovací údaje odmítl.", vendor=stop.vendor)


def _too_many(stop: Stop) -> str:
    return _(
        "%(vendor)s odmítl mnoho přihlášení a mohl by nás zablokovat, proto teď nezkoušíme další.", vendor=stop.vendor
    )


def _forbidden(stop: Stop) -> str:
    return _(
        "Adresa, na které je %(vendor)s, nepatří dodavateli nebo vede do vnitřní sítě. Nic jsme na ni neposlali.",
        vendor=stop.vendor,
    )


def _sealed(stop: Stop) -> str:
    return _(
        "Uložené přihlašovací údaje nejde otevřít, chybí klíč, kterým byly zašifrované. "
        "Zadejte je v nastavení znovu, nebo požádejte správce, ať klíč vrátí."
    )


def _fault(stop: Stop) -> str:
    return _(
        "V pluginu je chyba, přenos se kvůli ní zastavil. Nic se neztratilo; předejte podrobnosti správci Spojky "
        "a po opravě přenos spusťte znovu."
    )


def _crashed(stop: Stop) -> str:
    return _(
        "Přenos se pětkrát za sebou přerušil a sám už to nezkouší. Hotové zůstalo; předejte to správci Spojky, "
        "příčinu najde v logu, a pak přenos spusťte znovu."
    )


def _list_gone(stop: Stop) -> str:
    return _("Seznam už v účtu není. Nikoho jsme neukončili a nic se neztratilo.")


def _rejected(stop: Stop) -> str:
    return _(
        "%(vendor)s odmítl, co jsme mu poslali. Hotové zůstalo; podle podrobností to opravte a přenos spusťte znovu.",
        vendor=stop.vendor,
    )


def _paused(stop: Stop) -> str:
    return _("Přenos byl pozastaven. Po obnovení naváže tam, kde skončil.")


_BY_CODE: dict[str, Callable[[Stop], str]] = {
    Busy.code: _busy,
    Unreachable.code: _unreachable,
    Malformed.code: _malformed,
    Refused.code: _refused,
    Rejected.code: _rejected,
    TooManyRefused.code: _too_many,
    ForbiddenHost.code: _forbidden,
    Sealed.code: _sealed,
    PluginFault.code: _fault,
    LIST_GONE: _list_gone,
    "crashed": _crashed,
    "paused": _paused,
}
"""What each code of a run means to people."""
