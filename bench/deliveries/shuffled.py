"""Everything in the wrong order, a fifth of it twice, workers killed meanwhile; then what is there is counted."""

from __future__ import annotations

import secrets
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from functools import partial
from typing import Any

from bench import world
from bench.deliveries import meta
from bench.deliveries.plan import Plan, Said, phones, planned
from bench.processes import Server, jobs_worker, product

AT_ONCE = 8
KILLED_AT = (0.25, 0.6)
LEASE_S = 4
QUIET_WITHIN_S = 1800.0


class Meta:
    """Meta's side, from which the reports on our messages come once it has taken them."""

    def __init__(self) -> None:
        from niochat.simulators.whatsapp import Simulator
        from niochat.simulators.whatsapp_http import WhatsAppServer

        self.world = Simulator(
            "http://127.0.0.1:9/",
            access_token=meta.TOKEN,
            app_secret=meta.APP_SECRET,
            phone_number_id=meta.NUMBER_ID,
            waba_id=meta.ACCOUNT_ID,
        )
        self.world.moods.statuses = False
        self.server = WhatsAppServer(self.world).start()

    def taken(self) -> dict[int, list[str]]:
        """By the number of our message, what Meta called each copy of it that it took."""
        found: dict[int, list[str]] = {}
        for sent in list(self.world.sent):
            found.setdefault(int(sent["biz_opaque_callback_data"].removeprefix("m")), []).append(sent["wamid"])
        return found


def shuffled(env: dict[str, str], *, count: int, seed: int) -> Iterator[str]:
    """Run it; raises SystemExit where anything is not as it must be."""
    yield f"{count} deliveries, a fifth of them twice, in any order, two workers killed meanwhile, --seed={seed}"
    provider, tenant = Meta(), world.company()
    env = env | {"WHATSAPP_GRAPH_URL": provider.server.url}
    inbox = meta.line(tenant)
    with ExitStack() as stack:
        stack.callback(provider.server.stop)
        web = stack.enter_context(product(env, core=None, role="web"))
        plan = planned(count, seed, beginnings(tenant, inbox, count))
        began = time.monotonic()
        raws = deliverable(plan, count, provider, Workers(stack, env), partial(uncertain, inbox))
        posted(raws, web.port, f"/webhooks/whatsapp/{inbox.token}")
        yield f"  posted after {time.monotonic() - began:.0f} s, all read after {quiet(inbox, began):.0f} s"
    wrong = list(compared(plan, inbox, provider))
    yield from wrong
    if any("WRONG" in one for one in wrong):
        raise SystemExit("What is there is not what was said.")


class Workers:
    """Two of them; when one is killed, another takes its place."""

    def __init__(self, stack: ExitStack, env: dict[str, str]) -> None:
        self.stack, self.env = stack, env
        self.running: deque[Server] = deque(self.started() for _ in range(2))

    def started(self) -> Server:
        return self.stack.enter_context(jobs_worker(self.env, "--lease", LEASE_S))

    def kill_one(self) -> None:
        victim = self.running.popleft()
        victim.process.kill()
        victim.process.wait()
        self.running.append(self.started())


def beginnings(tenant: Any, inbox: Any, count: int) -> list[int]:
    """Each customer has a conversation with a reply of ours that is about to go out; the replies' numbers."""
    from accounts.actor import Actor, Origin
    from conversations import actions
    from conversations.webhooks.tasks import read_deliveries

    hook, system = Actor.system(tenant.pk, Origin.WEBHOOK), Actor.system(tenant.pk)
    for number, phone in enumerate(phones(count)):
        actions.take_delivery(hook, inbox.pk, meta.delivery(meta.text(phone, f"wamid.first{number}", "Oi")))
    while waiting(inbox)["deliveries to read"]:
        read_deliveries(tenant.pk, inbox.pk)
    rows = inbox.conversations.order_by("pk").values_list("pk", flat=True)
    return [actions.send_message(system, pk, content="Olá! Já vejo.")[0].pk for pk in rows]


def posted(raws: Iterator[bytes], port: int, path: str) -> None:
    """Post all of it, as fast as it is answered."""
    with closing(meta.Poster(port, path)) as poster:
        poster.pour(raws, AT_ONCE)
    if set(poster.statuses) != {200}:
        raise SystemExit(f"The answers were {dict(poster.statuses)}.")


def deliverable(
    plan: Plan, count: int, provider: Meta, workers: Workers, uncertain: Callable[[], set[int]]
) -> Iterator[bytes]:
    """One after the other; a report on what Meta has not taken yet waits, at the end for as long as it takes.

    What a killed worker was about to hand over is `uncertain` in the end: what Meta never had, it never reports on.
    """
    queue, given, taken = deque(plan.posts(count)), 0, provider.taken()
    while queue:
        value = queue.popleft()
        if "reply" in value and not (value["reply"] in taken or value["reply"] in (taken := provider.taken())):
            queue.append(value)
            if all("reply" in one for one in queue):
                time.sleep(0.05)
                lost = uncertain() - set(provider.taken())
                queue = deque(one for one in queue if one["reply"] not in lost)
            continue
        again = {"time": secrets.randbelow(10**9)} if plan.chance.random() < 0.5 else {}
        yield meta.delivery(report(value, taken) if "reply" in value else value, **again)
        given += 1
        if given in [round(share * count) for share in KILLED_AT]:
            workers.kill_one()


def report(value: meta.Item, taken: dict[int, list[str]]) -> meta.Item:
    """The value of a status, with our own number as Meta gives it back."""
    wamid, status = taken[value["reply"]][0], value["status"]
    told = {"id": wamid, "status": status, "timestamp": str(int(time.time())), "recipient_id": ""}
    errors = {"errors": [{"code": 131026, "title": "Message undeliverable"}]} if status == "failed" else {}
    return {"statuses": [told | errors | {"biz_opaque_callback_data": f"m{value['reply']}"}]}


def waiting(inbox: Any) -> Counter[str]:
    """What is still to be done."""
    from conversations.models import Message, SetAside, WebhookDelivery

    return +Counter(
        {
            "deliveries to read": WebhookDelivery.waiting(inbox),
            "set aside": SetAside.objects.filter(inbox=inbox).count(),
            "to send": Message.objects.filter(inbox=inbox, status="pending").count(),
        }
    )


def quiet(inbox: Any, began: float) -> float:
    """Wait until nothing is left to be done; the seconds since the beginning."""
    until = time.monotonic() + QUIET_WITHIN_S
    while left := waiting(inbox):
        if time.monotonic() > until:
            raise SystemExit(f"It never came to rest: {dict(left)}.")
        time.sleep(0.5)
    return time.monotonic() - began


def compared(plan: Plan, inbox: Any, provider: Meta) -> Iterator[str]:
    """One line for each thing: how many were expected, how many found, and how many of those are right."""
    from realtime import streams
    from realtime.models import StreamEvent

    heard = found_messages(inbox)
    shown = StreamEvent.objects.filter(stream=streams.agents(inbox.tenant_id), type="chat_message").count()
    ours = states(inbox)
    copies = [len(names) for names in provider.taken().values()]
    yield line("customers' messages", len(plan.expected), len(heard), plan.expected == heard)
    for name in ("edited", "deleted", "reaction"):
        expected, found = (
            sum(bool(getattr(one, name)) for one in all_of.values()) for all_of in (plan.expected, heard)
        )
        yield line(f"of them {name}", expected, found, expected == found)
    told = len(plan.expected) + 2 * len(plan.states)
    yield line("shown to the team, each once", told, shown, told == shown)
    yield line("sent to customers, each once", len(plan.states), sum(copies), sum(copies) == len(copies))
    astray = [pk for pk, state in plan.states.items() if ours[pk] != state and pk not in uncertain(inbox)]
    for state in ("read", "failed"):
        expected, found = (list(each.values()).count(state) for each in (plan.states, ours))
        yield line(f"of them {state}", expected, found, not astray)
    yield f"  {'of them shown as uncertain':32} {len(uncertain(inbox)):25}"


def line(name: str, expected: int, found: int, right: object) -> str:
    return f"  {name:32} expected {expected:6}  found {found:6}  {'right' if right else 'WRONG'}"


def found_messages(inbox: Any) -> dict[str, Said]:
    """What customers said, as it is stored; without what they began with."""
    from conversations.models import Message

    rows = Message.objects.filter(inbox=inbox, sender_type="contact").exclude(provider_id__startswith="wamid.first")
    return {row.provider_id: stored(row) for row in rows.prefetch_related("reactions").select_related("sender_contact")}


def stored(row: Any) -> Said:
    reactions = [mark.reaction for mark in row.reactions.all()]
    return Said(
        phone=row.sender_contact.phone.lstrip("+"),
        content=row.content,
        deleted=row.deleted_at is not None,
        edited=bool(row.metadata.get("edits")),
        reaction="".join(reactions),
    )


def states(inbox: Any) -> dict[int, str]:
    """How far each of our messages has come."""
    from conversations.models import Message

    return dict(Message.objects.filter(inbox=inbox, sender_type="bot").values_list("pk", "status"))


def uncertain(inbox: Any) -> set[int]:
    """Our messages of which nobody here knows whether Meta has them."""
    from conversations.models import SendAttempt

    return set(SendAttempt.objects.filter(inbox=inbox, state="uncertain").values_list("message_id", flat=True))
