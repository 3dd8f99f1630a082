"""What a connection can be told beyond the plugin's own settings (rules, contract §3)."""

from marshmallow import fields, validate

from spojka import SettingsSchema, Text, choice, switch, text


def number(*, label: Text, default: int, low: int = 0, high: int = 100_000, help: Text | None = None) -> fields.Integer:
    """A whole number from `low` to `high`."""
    meta: dict[str, object] = {"label": label, "find": help, "secret": False}
    return fields.Integer(load_default=default, validate=validate.Range(min=low, max=high), metadata=meta)


KEEP = ("keep", Text(cs="nechat beze změny", en="leave as it is"))
TAG = ("tag", Text(cs="přidat štítek", en="add a tag"))
UNSUBSCRIBE = ("unsubscribe", Text(cs="odhlásit", en="unsubscribe"))


class ConnectionSettings(SettingsSchema):
    """Spojka's settings of one connection, by the names that rules.md uses; each has a default."""

    follow_tags = switch(
        default=False,
        label=Text(cs="Přenášet i pozdější změny štítků z CRM", en="Carry later tag changes of the CRM, too"),
        help=Text(cs="Štítky přidané v seznamu zůstanou vždy.", en="Tags given in the list always stay."),
    )
    include_colleagues = switch(
        default=False, label=Text(cs="Přenášet i kolegy s účtem v CRM", en="Carry colleagues with a CRM account, too")
    )
    include_own_company = switch(
        default=False, label=Text(cs="Přenášet i vlastní firmu", en="Carry the own company, too")
    )
    respect_do_not_send = switch(
        default=True, label=Text(cs="Ctít příznak „nezasílat hromadné e-maily“", en='Respect the "do not send" flag')
    )
    on_delete = choice(
        label=Text(cs="Když záznam z CRM zmizí, jeho profil", en="When a record leaves the CRM, its profile"),
        options=(KEEP, TAG, UNSUBSCRIBE),
    )
    on_email_change = choice(
        label=Text(cs="Když se v CRM změní e-mail, profil se starým", en="When the e-mail changes, the old profile"),
        options=(KEEP, TAG, UNSUBSCRIBE),
    )
    conflicts = choice(
        label=Text(cs="Když se liší obě strany, platí", en="When both sides were edited, this one counts"),
        options=(
            ("crm", Text(cs="CRM", en="the CRM")),
            ("list", Text(cs="seznam", en="the list")),
            ("ask", Text(cs="zeptat se", en="ask")),
        ),
    )
    write_fields = switch(
        default=True, label=Text(cs="Zapisovat úpravy ze seznamu do CRM", en="Write edits of the list into the CRM")
    )
    tag_writeback = choice(
        label=Text(cs="Štítky z automatizací zapsat do CRM", en="Write tags of automations into the CRM"),
        options=(
            ("morning", Text(cs="ráno", en="in the morning")),
            ("immediate", Text(cs="hned", en="at once")),
        ),
    )
    start_automations = switch(
        default=False,
        label=Text(cs="Nové kontakty spouštějí automatizace seznamu", en="New contacts start the list's automations"),
    )
    automation_max_age_hours = number(
        default=24,
        low=1,
        high=8760,
        label=Text(cs="… jsou-li v CRM nejvýš tolik hodin", en="… if at most this many hours old"),
    )
    join_who_left_elsewhere = switch(
        default=False,
        label=Text(cs="Přidat i ty, kdo se odhlásili z jiného seznamu", en="Add those who left another list, too"),
    )
    double_opt_in = choice(
        label=Text(cs="Seznam s dvojím potvrzením", en="A list with double opt-in"),
        options=(
            ("skip", Text(cs="přidat bez potvrzení", en="add without asking")),
            ("ask", Text(cs="požádat každého o potvrzení", en="ask each new contact")),
        ),
    )
    history_as = choice(
        label=Text(cs="Historii kampaní zapisovat jako", en="Write the history of campaigns as"),
        options=(
            ("mass_email", Text(cs="hromadný e-mail", en="a mass e-mail")),
            ("email_activity", Text(cs="e-mailovou aktivitu", en="an e-mail activity")),
        ),
    )
    campaign_days = number(
        default=30, low=1, high=365, label=Text(cs="Sledovat kampaň tolik dní", en="Watch a campaign this many days")
    )
    report_url = text(
        default="", length=500, label=Text(cs="Adresa přehledu výsledků", en="Address of the results report")
    )
    read_every_seconds = number(
        default=60, low=10, high=86400, label=Text(cs="Číst CRM každých (s)", en="Read the CRM every (s)")
    )
    quota_reserve_percent = number(
        default=10,
        high=90,
        label=Text(cs="Z denního limitu nechat ostatním (%)", en="Of the day's quota, left to others (%)"),
    )
    quota_realtime_percent = number(
        default=40, high=100, label=Text(cs="Z denního limitu na změny (%)", en="Of the day's quota, for real time (%)")
    )
    quota_morning_percent = number(
        default=30,
        high=100,
        label=Text(cs="Z denního limitu na ráno (%)", en="Of the day's quota, for the morning (%)"),
    )
    timeline_days = number(
        default=90, low=1, high=3650, label=Text(cs="Historii rozhodnutí uchovat (dní)", en="Keep decisions (days)")
    )
    brake_edits = number(
        default=0,
        label=Text(cs="Zeptat se nad tolik úprav v CRM", en="Ask above this many edits in the CRM"),
        help=Text(cs="0: více než 50 a zároveň 5 % kontaktů.", en="0: more than 50 and 5 % of the contacts."),
    )
    brake_closings = number(
        default=0,
        label=Text(cs="Zeptat se nad tolik odhlášení a ukončení", en="Ask above this many unsubscribes and closings"),
        help=Text(cs="0: více než 5 a zároveň 5 % kontaktů.", en="0: more than 5 and 5 % of the contacts."),
    )
    list_pass_minutes = number(
        default=15, low=1, high=1440, label=Text(cs="Projít seznam každých (min)", en="Pass over the list every (min)")
    )
