"""Which path and verb lead to which call. PUT creates, POST updates; a final slash may be missing."""

from collections.abc import Iterator

from werkzeug.routing import Map, Rule

from plugins.raynet.sandbox import account, calls
from plugins.raynet.sandbox.calls import COMPANY, EMAIL, MASS_EMAIL, PERSON, Call, Entity

PREFIX = "/api/v2"
PICKLISTS = (
    "language",
    "personCategory",
    "personClassification1",
    "personClassification2",
    "personClassification3",
    "companyCategory",
    "companyClassification1",
    "companyClassification2",
    "companyClassification3",
    "contactSource",
    "telType",
    "maritalStatus",
    "activityCategory",
    "territory",
    "economyActivity",
    "companyTurnover",
    "employeesNumber",
    "legalForm",
    "paymentTerm",
    "gdprFormAgreement",
)


def _rule(method: str, path: str, call: Call, **fixed: str) -> Rule:
    return Rule(PREFIX + path, endpoint=call, methods=[method], defaults=fixed or None, strict_slashes=False)


def _records(name: str, entity: Entity) -> Iterator[Rule]:
    """What every kind of record has."""
    yield _rule("GET", f"/{name}/", entity.list_)
    yield _rule("PUT", f"/{name}/", entity.put)
    yield _rule("GET", f"/{name}/<int:id_>/", entity.read)
    yield _rule("POST", f"/{name}/<int:id_>/", entity.post)
    yield _rule("DELETE", f"/{name}/<int:id_>/", entity.remove)
    yield _rule("GET", f"/{name}/ext/<ext_id>/", entity.read_ext)
    yield _rule("PUT", f"/{name}/<int:id_>/extId/", entity.add_ext)
    yield _rule("DELETE", f"/{name}/<int:id_>/extId/<ext_id>", entity.remove_ext)


def _tags(name: str, entity: Entity) -> Iterator[Rule]:
    yield _rule("PUT", f"/{name}/<int:id_>/tag/", entity.tag)
    yield _rule("DELETE", f"/{name}/<int:id_>/tag/", entity.untag)


def _contacts(name: str, entity: Entity) -> Iterator[Rule]:
    """What persons and companies have."""
    yield from _records(name, entity)
    yield from _tags(name, entity)
    yield _rule("POST", f"/{name}/<int:id_>/merge/<int:source_id>/", entity.merge)
    for action in ("lock", "unlock", "invalid", "valid", "anonymize"):
        yield _rule("POST", f"/{name}/<int:id_>/{action}/", entity.act, action=action)


def _links() -> Iterator[Rule]:
    """A person's companies and a company's addresses."""
    one = "/person/<int:id_>/relationship/<int:link_id>/"
    yield _rule("PUT", "/person/<int:id_>/relationship/", calls.add_relationship)
    yield _rule("POST", one, calls.change_relationship)
    yield _rule("DELETE", one, calls.change_relationship, action="delete")
    yield _rule("POST", one + "setPrimary/", calls.change_relationship, action="setPrimary")
    place = "/company/<int:id_>/address/<int:address_id>/"
    yield _rule("PUT", "/company/<int:id_>/address/", calls.add_address)
    yield _rule("POST", place, calls.update_address)
    yield _rule("DELETE", place, calls.delete_address)
    yield _rule("POST", place + "setPrimary/", calls.prefer_address, key="primaryAddress")
    yield _rule("POST", place + "setContact/", calls.prefer_address, key="contactAddress")


def _mass_emails() -> Iterator[Rule]:
    yield from _records("massEmail", MASS_EMAIL)
    mail = "/massEmail/<int:id_>/"
    yield _rule("PUT", mail + "tag/", calls.no_tags)
    yield _rule("DELETE", mail + "tag/", calls.no_tags)
    yield _rule("GET", mail + "recipient/", calls.recipients)
    yield _rule("PUT", mail + "recipient/", calls.add_recipient)
    yield _rule("POST", mail + "recipient/<int:recipient_id>/", calls.update_recipient)
    yield _rule("DELETE", mail + "recipient/<int:recipient_id>/", calls.delete_recipient)
    yield _rule("POST", mail + "recipientBulkUpdate/", calls.bulk, action="update")
    yield _rule("POST", mail + "recipientBulkDelete/", calls.bulk, action="delete")


def _account() -> Iterator[Rule]:
    yield _rule("GET", "/securityLevel/", account.security_levels)
    yield _rule("GET", "/userAccount/", account.users)
    yield _rule("GET", "/userAccount/<int:id_>/", account.user)
    yield _rule("GET", "/customField/config/", account.custom_fields)
    yield _rule("GET", "/gdprTemplate/", account.gdpr_templates)
    yield _rule("GET", "/gdpr/", account.titles)
    yield _rule("PUT", "/gdpr/", account.add_title)
    yield _rule("POST", "/gdpr/<int:id_>/", account.change_title)
    yield _rule("POST", "/gdpr/<int:id_>/invalid/", account.withdraw_title)
    for name in PICKLISTS:
        yield _rule("GET", f"/{name}/", account.picklist, name=name)
        yield _rule("PUT", f"/{name}/", account.add_to_picklist, name=name)


def rules() -> Iterator[Rule]:
    """All paths but those of the emulator itself (who am I, webhooks)."""
    yield from _contacts("person", PERSON)
    yield from _contacts("company", COMPANY)
    yield from _links()
    yield from _records("email", EMAIL)
    yield from _tags("email", EMAIL)
    yield _rule("GET", "/activity/", calls.activities)
    yield from _mass_emails()
    yield from _account()


def paths(*own: tuple[str, str, Call]) -> Map:
    """The complete table; `own` holds (verb, path, call) of the emulator's own calls."""
    return Map([*rules(), *(_rule(method, path, call) for method, path, call in own)])
