"""The one transaction that makes a batch's outcome true: mirrors, snapshots, bindings, timeline, and what stays due."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from core.decide.calls import newest
from core.decide.facts import Back, Decision, Outcome, Verb
from core.decide.rules import Rule
from core.engine import edits, erasing
from core.engine.apply import Sent
from core.engine.job import Job
from core.engine.listpass import blank_profile
from core.engine.mirroring import Mirroring, Rows
from core.engine.noting import Noted
from core.store import bindings, due, mirror, takebacks, wishes
from core.store.due import Claimed
from core.store.facts import Loaded
from core.store.journal import JournalRow
from core.store.pending import row_of, row_of_put
from core.store.timeline import save as save_lines
from spojka import Done, Result

SKIPPED_BY = {
    "colleague": Rule.R9,
    "own_company": Rule.R9,
    "invalid_record": Rule.R9,
    "do_not_send": Rule.R10,
    "deleted_from_list": Rule.R15,
    "refused_elsewhere": Rule.R17,
    "left_elsewhere": Rule.R17,
}
"""Why an address was passed over -> the rule that says so."""
LOOK_AGAIN_SECONDS = 2
TRIES = 3
"""How often a call whose answers prove nothing is made before the address is parked."""


def settle(
    job: Job,
    claimed: Mapping[str, Claimed],
    loaded: Loaded,
    decisions: Mapping[str, Decision],
    noted: Noted | None,
    sent: Sent,
) -> None:
    """Settle what was decided, as far as it was carried out. At most fifteen queries."""
    rows = Rows(free=sorted(loaded.marked), edits=edits.Edits(run=job.run_id or job.within))
    ticket = job.ticket
    settling = _Settling(job, claimed, loaded, noted, sent, rows, ticket, decisions)
    for email in sorted(decisions):
        settling.one(decisions[email])

    def work(session: Session) -> None:
        gone = erasing.among(session, job.world, list(decisions)) if job.erasures else frozenset[str]()
        kept = rows.without(gone)
        if moved := _moved(session, job, loaded, decisions):
            kept = kept.without(moved).unsettled(moved, settling.confirmed(moved - gone))
        _write(job, session, kept, noted)
        job.world.crash.point("settle.before_commit")

    _count(job, rows)
    job.commit(work)
    job.world.crash.point("settle.after_commit")


def _moved(session: Session, job: Job, loaded: Loaded, decisions: Mapping[str, Decision]) -> frozenset[str]:
    """Addresses of which somebody else wrote a tied record since the plan: what is tied there is his to say (R29)."""
    tied = sorted(email for email in decisions if (known := loaded.facts.get(email)) is not None and known.bindings)
    return frozenset(bindings.moved(session, job.list_id, tied, loaded.revisions)) if tied else frozenset()


def _write(job: Job, session: Session, rows: Rows, noted: Noted | None) -> None:
    if noted is not None:
        session.execute(delete(JournalRow).where(JournalRow.id.in_(noted.ids)))
    mirror.save_subscribers(session, rows.subscribers, snapshots=True)
    mirror.save_shared(session, rows.shared)
    mirror.save_profiles(session, rows.profiles)
    mirror.save_snapshots(session, rows.snapshots)
    mirror.save_pending(session, rows.pending)
    bindings.save(session, rows.bindings)
    opened = {(row["connection_id"], row["email"]) for row in rows.bindings if row["state"] == "open"}
    wishes.arrived(session, opened, job.now())
    rows.edits.write(session, job.now())
    takebacks.end(session, [(number, state.value) for _, number, state in rows.taken])
    save_lines(session, rows.lines)
    due.save_outcomes(session, rows.outcomes)
    due.settle_away(session, job.list_id, job.lane.claim, rows.done)
    due.put_off(session, job.list_id, rows.later)
    due.free(session, job.list_id, job.lane.claim, [*rows.done, *rows.free, *(row["e"] for row in rows.later)])


def _count(job: Job, rows: Rows) -> None:
    job.count(**Counter(row["outcome"] for row in rows.outcomes if row["connection_id"] == job.row.id))
    if job.progress.get("phase") == "writing":
        job.count(done=len(rows.done) + len(rows.later))


class _Settling(Mirroring):
    """Turns decisions and their results into rows, table by table."""

    def one(self, decision: Decision) -> None:
        """Settle one address by what came of its call."""
        if decision.verb is Verb.LATER:
            self._waiting(decision)
        elif decision.verb is Verb.LOOK:
            self._unseen(decision)
        elif decision.verb is Verb.HOLD:
            self._held(decision)
        elif decision.write is None and decision.verb is not Verb.UNSUBSCRIBE:
            self._decided(decision)
        else:
            self._carried_out(decision, self.sent.results.get(decision.email))

    def confirmed(self, emails: Collection[str]) -> list[dict[str, Any]]:
        """The calls that the list has confirmed, as nobody's edits, of addresses that are planned anew."""
        found = []
        for email in sorted(emails):
            result, facts = self.sent.results.get(email), self.loaded.facts[email]
            if self.noted is not None and result is not None and result.done is not Done.FAILED:
                call = self.noted.call(facts, self.decisions[email])
                ended = 0 if result.done is Done.UNKNOWN else self.ticket
                calls = newest((*facts.pending, replace(call, ended=ended)))
                pending = [row_of(one) for one in calls]
                found.append({**blank_profile(self.job.list_id, email), "pending": pending})
        return found

    def _waiting(self, decision: Decision) -> None:
        """Its connection is paused, or it waits for the next run."""
        ruling = decision.ruling
        if ruling is not None and self.job.ground.policies[ruling].paused:
            self._later(decision, waits=f"paused:{ruling}")
        else:
            self.rows.free.append(decision.email)

    def _unseen(self, decision: Decision) -> None:
        """Even a look-up did not say what has to be known; after some tries a person has to see to it."""
        tries = self.claimed[decision.email].tries + 1
        if tries >= TRIES:
            self._later(decision, parked="The list does not say what it holds of this address.", rule=Rule.R101)
        else:
            self._again(decision, tries)

    def _held(self, decision: Decision) -> None:
        """The brake weighs it at the end; or a person has decided against it (R96). Why it is passed over holds now."""
        if decision.parked:
            self._outcomes(decision, Outcome.FAILED, decision.parked)
            self._later(decision, parked=decision.parked)
            return
        if all(outcome is Outcome.SKIPPED for _, outcome, _ in decision.outcomes):
            self._outcomes(decision)
        self._later(decision, waits=f"{due.HELD}{decision.held_for}")

    def _carried_out(self, decision: Decision, result: Result | None) -> None:
        if result is None:
            self.rows.free.append(decision.email)
        elif result.done is Done.FAILED:
            self._failed(decision, result.error, Rule.R92)
        elif result.done is Done.UNKNOWN:
            self._unproven(decision, result)
        else:
            self.profile(decision)
            self._decided(decision)

    def _passed_over(self, decision: Decision) -> None:
        """Whoever is passed over is told why, once for each time that is decided (R95)."""
        skipped = [(number, why) for number, outcome, why in decision.outcomes if outcome is Outcome.SKIPPED]
        told = {line.connection for line in decision.lines} if skipped else set[int]()
        for number, why in skipped:
            if number not in told:
                self.line(number, decision.email, SKIPPED_BY.get(why, decision.rule), "skipped", {}, why)

    def _decided(self, decision: Decision) -> None:
        """The decision holds: bindings, timeline, outcome; snapshots where no call wrote them."""
        if decision.write is None and decision.verb is not Verb.UNSUBSCRIBE:
            self.snapshot(decision)
        self._ties(decision)
        self._edits(decision)
        self.rows.taken += [(decision.email, one.id, state) for one, state in decision.taken]
        self._lines(decision, "")
        self._passed_over(decision)
        if decision.parked:
            self._outcomes(decision, Outcome.FAILED, decision.parked)
            self._later(decision, parked=decision.parked)
            return
        self._outcomes(decision)
        if decision.again_after:
            self._later(decision, after=decision.again_after)
        else:
            self.rows.done.append(decision.email)

    def _failed(self, decision: Decision, error: str, rule: Rule) -> None:
        self._outcomes(decision, Outcome.FAILED, error)
        self.rows.taken += [(decision.email, one.id, Back.REFUSED) for one, _ in decision.taken]
        for number in sorted({number for number, _, _ in decision.outcomes}):
            self.line(number, decision.email, rule, "failed", {}, error)
        self._later(decision, parked=error, rule=rule)

    def _unproven(self, decision: Decision, result: Result) -> None:
        """The answer proves nothing: what was sent is nobody's edit until a reading has shown what became of it."""
        tries = self.claimed[decision.email].tries + 1
        self.job.unproven += 1
        facts = self.loaded.facts[decision.email]
        if self.noted is not None:
            kept = newest((*facts.pending, self.noted.call(facts, decision)))
            self.rows.pending.append(
                {**blank_profile(self.job.list_id, decision.email), "pending": [row_of(call) for call in kept]}
            )
        if tries >= TRIES:
            self._failed(decision, result.error or "The list did not confirm this address three times.", Rule.R101)
            return
        self._again(decision, tries)

    def _again(self, decision: Decision, tries: int) -> None:
        """Read once more: in bulk by the pass that closes the run, live by a look-up after a moment (R101)."""
        if self.job.lane_name == "live":
            self._later(decision, after=LOOK_AGAIN_SECONDS, tries=tries)
        else:
            self._later(decision, waits="pass", tries=tries)

    def _later(
        self,
        decision: Decision,
        *,
        waits: str = "",
        after: int = 0,
        parked: str = "",
        rule: Rule | None = None,
        tries: int = 0,
    ) -> None:
        claimed, held = self.claimed[decision.email], decision.verb is Verb.HOLD
        self.rows.later.append(
            {
                "e": decision.email,
                "p_due_at": self.now + timedelta(seconds=after),
                "p_ticket": claimed.ticket if held or not (waits or after) else self.ticket,
                "p_waits": waits,
                "p_parked": parked,
                "p_rule": (rule or decision.rule).value if parked or held else "",
                "p_tries": tries,
            }
        )

    def _edits(self, decision: Decision) -> None:
        """What goes to the CRM, and what does not go there any more; who is asked or refused is told so (R24, R25)."""
        facts = self.loaded.facts[decision.email]
        if not decision.edits and not facts.edits:
            return
        cause = self.claimed[decision.email].cause
        for edit in edits.collect(self.rows.edits, decision, facts, cause, self.job.ground.policies, self.now):
            if edit.asks or edit.refused:
                what, changes = "asks" if edit.asks else "failed", {edit.field: (edit.was, edit.value)}
                self.line(edit.key[0], decision.email, edit.rule, what, changes, edit.refused)

    def _ties(self, decision: Decision) -> None:
        for tie in decision.ties:
            connection, kind, record_id = tie.key
            self.rows.bindings.append(
                {
                    "connection_id": connection,
                    "kind": kind,
                    "record_id": record_id,
                    "list_id": self.job.list_id,
                    "email": decision.email,
                    "slot": tie.slot,
                    "origin": tie.origin.value,
                    "state": "open" if tie.open else "closed",
                    "why": tie.why,
                    "revision": 1,
                    "agreed": tie.agreed,
                    "agreed_tags": tie.agreed_tags,
                    "pending": [row_of_put(put) for put in tie.pending],
                    "opened_at": self.now,
                    "closed_at": None if tie.open else self.now,
                }
            )

    def _outcomes(self, decision: Decision, outcome: Outcome | None = None, why: str = "") -> None:
        for number, decided, reason in decision.outcomes:
            self.rows.outcomes.append(
                {
                    "list_id": self.job.list_id,
                    "email": decision.email,
                    "connection_id": number,
                    "outcome": (outcome or decided).value,
                    "why": why or reason,
                    "run_id": self.job.run_id or self.job.within,
                    "at": self.now,
                }
            )

    def _lines(self, decision: Decision, result: str) -> None:
        for line in decision.lines:
            self.line(line.connection, decision.email, line.rule, line.what, line.changes, result)
