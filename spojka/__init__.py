"""The public plugin API of Spojka: everything a plugin may import.

A plugin names nothing of `core`; the host names nothing of a plugin. All values are plain text in a
field's normal form: `""` means empty, a missing key means "not said".
"""

from spojka.activity import Counts, Happening, Passed, Results, Step
from spojka.audience import (
    Absent,
    Audience,
    AudienceCheck,
    Change,
    CustomField,
    Done,
    ListInfo,
    Look,
    Membership,
    Profile,
    Result,
    Status,
    Write,
)
from spojka.client import TIMEOUT_SECONDS, Answer, Http, Purpose, Request
from spojka.connection import Connection
from spojka.contact import Contact, Json, Kind, Loan, Record, Ring, Standing
from spojka.crm import Bells, Crm, CrmCheck, Page, Watched
from spojka.declare import (
    Allowance,
    BellSecret,
    Custom,
    Field,
    Limits,
    Manifest,
    Normal,
    Role,
    Scope,
    Std,
    Text,
    Way,
)
from spojka.doings import Activity, Deed, Edit, Mailing, Outcome, TagAction
from spojka.errors import Busy, Malformed, Refused, Rejected, SpojkaError, Unreachable
from spojka.hooks import Hooks, hookimpl, hookspec
from spojka.settings import SettingsSchema, choice, secret, switch, text

API_VERSION = 1

__all__ = [
    "API_VERSION",
    "TIMEOUT_SECONDS",
    "Absent",
    "Activity",
    "Allowance",
    "Answer",
    "Audience",
    "AudienceCheck",
    "BellSecret",
    "Bells",
    "Busy",
    "Change",
    "Connection",
    "Contact",
    "Counts",
    "Crm",
    "CrmCheck",
    "Custom",
    "CustomField",
    "Deed",
    "Done",
    "Edit",
    "Field",
    "Happening",
    "Hooks",
    "Http",
    "Json",
    "Kind",
    "Limits",
    "ListInfo",
    "Loan",
    "Look",
    "Mailing",
    "Malformed",
    "Manifest",
    "Membership",
    "Normal",
    "Outcome",
    "Page",
    "Passed",
    "Profile",
    "Purpose",
    "Record",
    "Refused",
    "Rejected",
    "Request",
    "Result",
    "Results",
    "Ring",
    "Role",
    "Scope",
    "SettingsSchema",
    "SpojkaError",
    "Standing",
    "Status",
    "Std",
    "Step",
    "TagAction",
    "Text",
    "Unreachable",
    "Watched",
    "Way",
    "Write",
    "choice",
    "hookimpl",
    "hookspec",
    "secret",
    "switch",
    "text",
]
