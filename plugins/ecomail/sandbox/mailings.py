"""Campaigns and automations of an account, and what contacts did with their mails."""

from dataclasses import asdict, dataclass, field
from typing import Any

from plugins.ecomail.sandbox.store import State

DRAFT, SENT = 0, 3


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened with one mail. `at` is UTC with microseconds."""

    id: int
    event: str
    email: str
    at: str
    campaign: int | None = None
    pipeline: int | None = None
    action: str | None = None
    url: str | None = None
    msg: str | None = None
    mail_name: str | None = None


@dataclass(slots=True)
class Mailing:
    """A campaign or an automation as far as its events go: who was meant, in order, and what happened."""

    targets: dict[str, None] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)


class Mailings:
    """Everything about mails. Campaigns and pipelines are dictionaries as the vendor shows them."""

    def __init__(self) -> None:
        self.campaigns: dict[int, dict[str, Any]] = {}
        self.pipelines: dict[int, dict[str, Any]] = {}
        self.of_campaign: dict[int, Mailing] = {}
        self.of_pipeline: dict[int, Mailing] = {}
        self.by_email: dict[str, list[Event]] = {}
        self.steps: dict[str, list[State]] = {}
        self.actions: dict[str, list[State]] = {}
        self.next_event = 1
        self.next_step = 1

    def add_campaign(self, number: int, title: str, **more: Any) -> dict[str, Any]:
        """A campaign; `status`, `campaign_type`, `sent_at` and the like as the vendor writes them."""
        campaign = {
            "id": number,
            "title": title,
            "subject": title,
            "from_name": "Firma",
            "from_email": "firma@example.cz",
            "reply_to": "firma@example.cz",
            "sent_at": None,
            "scheduled_at": None,
            "recipients": None,
            "status": DRAFT,
            "template_id": None,
            "archive_url": None,
            "recepient_lists": [],
            "campaign_type": "email",
            "parent_id": None,
            "updated_at": None,
        } | more
        self.campaigns[number] = campaign
        self.of_campaign.setdefault(number, Mailing())
        return campaign

    def add_pipeline(self, number: int, name: str, list_id: int, at: str, **trigger: Any) -> dict[str, Any]:
        """An automation; `trigger` is its cause (`contact_added`, `tag`) with `list` or `tag`."""
        pipeline = {
            "id": number,
            "name": name,
            "list_id": list_id,
            "created_at": at,
            "updated_at": at,
            "trigger": trigger,
        }
        self.pipelines[number] = pipeline
        self.of_pipeline.setdefault(number, Mailing())
        return pipeline

    def target(self, email: str, *, campaign: int | None = None, pipeline: int | None = None) -> None:
        """Mean a contact, without anything having happened yet."""
        self._mailing(campaign, pipeline).targets.setdefault(email, None)

    def happen(
        self, event: str, email: str, at: str, *, campaign: int | None = None, pipeline: int | None = None, **more: Any
    ) -> Event:
        """Note what happened with one mail."""
        made = Event(self.next_event, event, email, at, campaign, pipeline, **more)
        self.next_event += 1
        self._keep(made)
        return made

    def step(self, email: str, pipeline: int, action: str, at: str) -> State:
        """Note that a contact passed a step of an automation."""
        made: State = {
            "id": self.next_step,
            "pipeline_id": pipeline,
            "action_id": action,
            "trigger_id": None,
            "email": email,
            "props": [],
            "next": None,
            "timestamp": at,
        }
        self.next_step += 1
        self.steps.setdefault(email, []).append(made)
        self.target(email, pipeline=pipeline)
        return made

    def webhook_step(self, pipeline: int, action: str, url: str) -> None:
        """An automation has a step that calls an address."""
        known = self.actions.setdefault(str(pipeline), [])
        if all(one["id"] != action for one in known):
            known.append({"id": action, "type": "webhook", "properties": {"url": url}})

    def dump(self) -> State:
        """As JSON."""
        return {
            "campaigns": list(self.campaigns.values()),
            "pipelines": list(self.pipelines.values()),
            "targets": {
                "campaign": {str(number): list(each.targets) for number, each in self.of_campaign.items()},
                "pipeline": {str(number): list(each.targets) for number, each in self.of_pipeline.items()},
            },
            "events": [asdict(event) for events in self.by_email.values() for event in events],
            "steps": self.steps,
            "actions": self.actions,
            "next": [self.next_event, self.next_step],
        }

    def load(self, state: State) -> None:
        """Take what `dump` gave into an empty object."""
        self.campaigns = {each["id"]: each for each in state["campaigns"]}
        self.pipelines = {each["id"]: each for each in state["pipelines"]}
        for name, mailings in (("campaign", self.of_campaign), ("pipeline", self.of_pipeline)):
            for number, emails in state["targets"][name].items():
                mailings[int(number)] = Mailing(dict.fromkeys(emails))
        for each in sorted(state["events"], key=lambda event: int(event["id"])):
            self._keep(Event(**each))
        self.steps = state["steps"]
        self.actions = state.get("actions", {})
        self.next_event, self.next_step = state["next"]

    def _mailing(self, campaign: int | None, pipeline: int | None) -> Mailing:
        return self.of_campaign[campaign] if campaign is not None else self.of_pipeline[pipeline or 0]

    def _keep(self, event: Event) -> None:
        mailing = self._mailing(event.campaign, event.pipeline)
        mailing.targets.setdefault(event.email, None)
        mailing.events.append(event)
        self.by_email.setdefault(event.email, []).append(event)
