"""What to tell a person whose values a vendor did not take: what was wrong, where, what to do next."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from marshmallow import fields

from core.admin import forms
from core.admin.language import _, clock_time, locale
from core.outgoing import ForbiddenHost, TooManyRefused
from spojka import Busy, Malformed, Manifest, Refused, Rejected, SpojkaError, Unreachable

USER = "username"
"""The setting that names whose key it is, where a plugin has one."""


@dataclass(frozen=True, slots=True)
class Part:
    """One plugin with the values that were tried."""

    manifest: Manifest
    typed: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A sentence, and the setting it is about: its plugin and name, both empty where no one field is at fault."""

    sentence: str
    plugin: str = ""
    name: str = ""


def read(error: SpojkaError, asked: str, crm: Part, audience: Part) -> Refusal:
    """The refusal in the reader's words. `asked` is the plugin whose vendor was asked last."""
    part = audience if asked == audience.manifest.name else crm
    vendor = part.manifest.label.get(locale())
    if isinstance(error, TooManyRefused):
        return Refusal(_too_many(error, vendor))
    if isinstance(error, Refused) and not isinstance(error, ForbiddenHost):
        return Refusal(_key_refused(part, vendor), part.manifest.name, _first_secret(part))
    if isinstance(error, Rejected) and error.key in part.manifest.settings().fields:
        return Refusal(_unknown(part, vendor, error.key), part.manifest.name, error.key)
    return Refusal(_passing(error, vendor))


def _passing(error: SpojkaError, vendor: str) -> str:
    """What no value of the form is to blame for."""
    if isinstance(error, Busy):
        return _busy(error, vendor)
    if isinstance(error, Unreachable):
        return _("%(vendor)s neodpovídá. Nic se nezapsalo; zkuste to za chvíli znovu.", vendor=vendor)
    if isinstance(error, Malformed):
        return _("%(vendor)s odpověděl nesrozumitelně. Nic se nezapsalo; zkuste to za chvíli.", vendor=vendor)
    return _("%(vendor)s to odmítl: %(said)s", vendor=vendor, said=str(error))


def _too_many(error: TooManyRefused, vendor: str) -> str:
    return _(
        "%(vendor)s za poslední hodinu odmítl mnoho přihlášení a mohl by nás zablokovat. "
        "Další zkouška půjde v %(time)s.",
        vendor=vendor,
        time=clock_time(error.until),
    )


def _first_secret(part: Part) -> str:
    shape = part.manifest.settings()
    return next((name for name, field in shape.fields.items() if forms.is_secret(field)), "")


def _key_refused(part: Part, vendor: str) -> str:
    user = str(part.typed.get(USER, ""))
    if user:
        sentence = _(
            "%(vendor)s tento klíč odmítl. Zkontrolujte, že je vložen celý a že patří k uživateli %(user)s.",
            vendor=vendor,
            user=user,
        )
    else:
        sentence = _("%(vendor)s tento klíč odmítl. Zkontrolujte, že je vložen celý.", vendor=vendor)
    return " ".join([sentence, *_also(part)])


def _also(part: Part) -> list[str]:
    """Vendors answer a wrong account like a wrong key, so the account's name is worth a look, too."""
    shape = part.manifest.settings()
    named = [name for name in part.manifest.account_settings if not forms.is_secret(shape.fields[name])]
    return [_look_at(shape.fields[name], name, str(part.typed.get(name, ""))) for name in named]


def _look_at(field: fields.Field[Any], name: str, value: str) -> str:
    find = forms.find_of(field)
    return _(
        "Ověřte i pole %(label)s („%(value)s“). %(find)s", label=forms.label_of(field, name), value=value, find=find
    )


def _unknown(part: Part, vendor: str, name: str) -> str:
    field, value = part.manifest.settings().fields[name], str(part.typed.get(name, ""))
    shown = forms.label_of(field, name) if forms.is_secret(field) else f"{forms.label_of(field, name)} „{value}“"
    sentence = _("%(shown)s: %(vendor)s tuto hodnotu nezná.", shown=shown, vendor=vendor)
    return f"{sentence} {forms.find_of(field)}".strip()


def _busy(error: Busy, vendor: str) -> str:
    if error.until is None:
        return _("%(vendor)s teď nepřijímá další dotazy. Zkuste to za chvíli znovu.", vendor=vendor)
    at = clock_time(error.until)
    return _("%(vendor)s teď nepřijímá další dotazy. Zkuste to znovu po %(time)s.", vendor=vendor, time=at)
