"""Who is here: a lease for each open socket, renewed by the process that holds it. A dead process's leases run out.

Work is done by batches: however many sockets come or go at once, it is one statement. All times are the database's.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, NamedTuple

import structlog
from django.db import Error as DatabaseFailure
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from accounts.actor import Actor
from realtime.fanout import fanout
from realtime.models import Connection, OpenSocket, Visit
from realtime.threads import working

log = structlog.get_logger(__name__)

SOCKETS_PER_USER = 20
LASTS = timedelta(seconds=45)
RENEW_EVERY_S = 15.0
SWEEP_EVERY_S = 5.0
SWEPT_AT_ONCE = 500
# A page that reloads is back within this time, a restarted server's clients within the other.
LINGERS = timedelta(seconds=5)
OUTLIVES_RESTART = timedelta(seconds=20)
BATCH_S = 0.01

Person = tuple[int, int]
Heard = Callable[[int, int], None]
# Called in a thread with (tenant_id, user_id): for the first socket of a user, and when the last lease has run out.
when_somebody_comes: list[Heard] = []
when_somebody_goes: list[Heard] = []
# The same of customers and their widgets, with (tenant_id, contact_id).
when_a_customer_comes: list[Heard] = []
when_a_customer_goes: list[Heard] = []
KINDS: tuple[type[OpenSocket], ...] = (Connection, Visit)


@dataclass(eq=False, slots=True)
class Lease:
    """One socket's right to count as present. A stranger's socket is counted here only: it has no row."""

    id: str
    tenant_id: int
    key: str
    user_id: int | None
    contact_id: int | None
    book: Leases
    granted: asyncio.Future[bool] | None = field(default=None, repr=False)
    ended: bool = False

    def end(self) -> None:
        """The socket is closed."""
        self.book.end(self)

    @property
    def kind(self) -> type[OpenSocket]:
        return Visit if self.user_id is None else Connection

    def row(self, process: str) -> OpenSocket:
        about: dict[str, Any] = {"process": process, "tenant_id": self.tenant_id, "expires_at": Now() + LASTS}
        return self.kind(id=self.id, **about, **{self.kind.whose: self.user_id or self.contact_id})


class Leases:
    """One loop's leases."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.process = secrets.token_hex(8)
        self.held: dict[str, Lease] = {}
        self.sockets: Counter[tuple[int, str]] = Counter()
        self.coming: list[Lease] = []
        self.going: list[Lease] = []
        self.batches = asyncio.Lock()
        self.due: asyncio.TimerHandle | None = None
        self.is_over = False
        self.keeper = self.loop.create_task(self.keep())

    async def take(self, actor: Actor, socket_id: str) -> Lease | None:
        """A lease for this socket; None when the user has too many sockets, counted over all processes."""
        lease = Lease(socket_id, actor.tenant_id, actor.key, actor.user_id, actor.contact_id, self)
        if self.sockets[lease.tenant_id, lease.key] >= SOCKETS_PER_USER:
            return None
        self.sockets[lease.tenant_id, lease.key] += 1
        if lease.user_id is None:
            self.note(lease)
            return lease
        lease.granted = self.loop.create_future()
        self.coming.append(lease)
        self.soon()
        try:
            granted = await lease.granted
        except BaseException:
            self.end(lease)
            raise
        if not granted:
            self.end(lease)
        return lease if granted else None

    def note(self, lease: Lease) -> None:
        """Write a customer down who has come; they need not wait for it."""
        if lease.contact_id is not None:
            self.coming.append(lease)
            self.soon()

    def end(self, lease: Lease) -> None:
        lease.ended = True
        self.sockets[lease.tenant_id, lease.key] -= 1
        if not self.sockets[lease.tenant_id, lease.key]:
            del self.sockets[lease.tenant_id, lease.key]
        if self.held.get(lease.id) is lease:
            del self.held[lease.id]
            self.going.append(lease)
            self.soon()

    def soon(self) -> None:
        """Write what came and went together, in a moment."""
        if self.due is None and not self.is_over:
            self.due = self.loop.call_later(BATCH_S, lambda: fanout().spawn(self.write()))

    async def write(self) -> None:
        self.due = None
        async with self.batches:
            coming, self.coming = self.coming, []
            going, self.going = self.going, []
            for kind in KINDS:
                await self.write_down(kind, of_kind(kind, coming), of_kind(kind, going))

    async def write_down(self, kind: type[OpenSocket], coming: list[Lease], going: list[Lease]) -> None:
        if not (coming or going):
            return
        rows = [lease.row(self.process) for lease in coming]
        try:
            refused = await working.run(write_leases, rows, ids(going), kind)
        except Exception as problem:
            log.warning("leases_failed", error=repr(problem), exc_info=not isinstance(problem, DatabaseFailure))
            self.give_up(coming, problem)
        else:
            self.grant(coming, refused)

    def grant(self, coming: list[Lease], refused: set[str]) -> None:
        for lease in coming:
            if lease.id not in refused:
                self.held[lease.id] = lease
            if lease.granted and not lease.granted.done():
                lease.granted.set_result(lease.id not in refused)
            elif lease.id not in refused and (lease.granted or lease.ended):
                # The socket has gone while it was being written down.
                self.going.append(self.held.pop(lease.id))
                self.soon()

    def give_up(self, coming: list[Lease], problem: Exception) -> None:
        """Without a database nobody comes in; leases that should end run out by themselves."""
        for lease in coming:
            if lease.granted and not lease.granted.done():
                lease.granted.set_exception(problem)

    async def keep(self) -> None:
        """Renew ours, sweep everybody's."""
        renewed = self.loop.time()
        while True:
            await asyncio.sleep(SWEEP_EVERY_S)
            try:
                if self.held and self.loop.time() - renewed >= RENEW_EVERY_S:
                    renewed = self.loop.time()
                    await self.renew()
                await working.run(sweep)
            except DatabaseFailure as problem:
                log.warning("leases_failed", error=repr(problem))
            except Exception:
                log.exception("leases_broke")

    async def renew(self) -> None:
        """One statement for all of this process's sockets; rows that were swept while it slept are written again."""
        async with self.batches:
            for kind in KINDS:
                held = of_kind(kind, self.held.values())
                if held and await working.run(renew, self.process, kind) < len(held):
                    await working.run(write_again, [lease.row(self.process) for lease in held], kind)

    async def stop(self) -> None:
        """The server ends. Its users get a little longer, for they are about to come back."""
        self.is_over = True
        self.keeper.cancel()
        if self.due:
            self.due.cancel()
        self.give_up(self.coming, ConnectionError("The server ends."))
        for kind in KINDS:
            if last := of_kind(kind, [*self.held.values(), *self.going]):
                await working.run(shorten, ids(last), OUTLIVES_RESTART, kind)


def of_kind(kind: type[OpenSocket], leases: Iterable[Lease]) -> list[Lease]:
    return [lease for lease in leases if lease.kind is kind]


def ids(leases: list[Lease]) -> list[str]:
    return [lease.id for lease in leases]


# --- in a thread -----------------------------------------------------------------------------------------------------


def write_leases(coming: Sequence[OpenSocket], going: list[str], kind: type[OpenSocket] = Connection) -> set[str]:
    """Write down who came and who went, all of one kind; the ids of those that are one too many for their user."""
    if going:
        shorten(going, LINGERS, kind)
    if not coming:
        return set()
    people = {(row.tenant_id, getattr(row, row.whose)) for row in coming}
    new = {row.id for row in coming}
    with transaction.atomic():
        kind._default_manager.bulk_create(coming)
        theirs = list(living(people, kind))
        refused = too_many([row for row in coming if isinstance(row, Connection)], theirs)
    tell(heard_by(kind).comes, people - {lease.person for lease in theirs if lease.id not in new})
    return refused


class Living(NamedTuple):
    """A lease as it is written down."""

    id: str
    person: Person
    leaving: bool


def living(people: set[Person], kind: type[OpenSocket]) -> Iterator[Living]:
    """All leases of these people, those that linger too."""
    theirs = {f"{kind.whose}__in": {person for _, person in people}}
    rows = kind._default_manager.filter(**theirs, expires_at__gt=Now())
    for lease, tenant_id, person, leaving in rows.values_list("id", "tenant_id", kind.whose, "leaving"):
        if (tenant_id, person) in people:
            yield Living(lease, (tenant_id, person), leaving)


def too_many(coming: list[Connection], theirs: list[Living]) -> set[str]:
    """The members' sockets that are one too many, which leave no row; customers' are counted by their process."""
    refused = {row.id for row in coming if is_one_too_many(row)} if coming and crowded(theirs) else set()
    if refused:
        Connection.objects.filter(id__in=refused).delete()
    return refused


def crowded(theirs: list[Living]) -> bool:
    """Whether any of the users may have too many sockets."""
    return any(count > SOCKETS_PER_USER for count in Counter(one.person for one in theirs if not one.leaving).values())


def is_one_too_many(row: Connection) -> bool:
    """Whether this lease is not among its user's first twenty."""
    rows = Connection.objects.filter(tenant_id=row.tenant_id, user_id=row.user_id, leaving=False, expires_at__gt=Now())
    first = rows.order_by("connected_at", "id").values_list("id", flat=True)[:SOCKETS_PER_USER]
    return row.id not in set(first)


def shorten(leases: list[str], to: timedelta, kind: type[OpenSocket] = Connection) -> None:
    """These sockets are closed: let their leases run out soon."""
    kind._default_manager.filter(id__in=leases).update(leaving=True, expires_at=Now() + to)


def renew(process: str, kind: type[OpenSocket]) -> int:
    return kind._default_manager.filter(process=process, leaving=False).update(expires_at=Now() + LASTS)


def write_again(rows: list[OpenSocket], kind: type[OpenSocket]) -> None:
    kind._default_manager.bulk_create(rows, ignore_conflicts=True)


def sweep() -> None:
    """Delete what has run out; whose last lease it was has gone. Any process may do it, each row goes once."""
    for kind in KINDS:
        if expired(kind).exists():  # As a rule not: and a look needs no transaction.
            sweep_out(kind)


def sweep_out(kind: type[OpenSocket]) -> None:
    with transaction.atomic():
        ours = expired(kind).select_for_update(skip_locked=True).values_list("id", "tenant_id", kind.whose)
        swept = list(ours[:SWEPT_AT_ONCE])
        kind._default_manager.filter(id__in=[lease for lease, *_ in swept]).delete()
    people = {(tenant_id, person) for _, tenant_id, person in swept}
    if people:
        tell(heard_by(kind).goes, people - {lease.person for lease in living(people, kind)})


def expired(kind: type[OpenSocket]) -> QuerySet[Any]:
    return kind._default_manager.filter(expires_at__lte=Now())


class Listeners(NamedTuple):
    """Who is told of one kind's coming and going."""

    comes: list[Heard]
    goes: list[Heard]


def heard_by(kind: type[OpenSocket]) -> Listeners:
    if kind is Visit:
        return Listeners(when_a_customer_comes, when_a_customer_goes)
    return Listeners(when_somebody_comes, when_somebody_goes)


def tell(listeners: list[Heard], people: set[Person]) -> None:
    """What goes wrong with one's news is nobody else's business, and takes nobody's lease away: it is written."""
    for tenant_id, person in sorted(people):
        for hear in listeners:
            try:
                hear(tenant_id, person)
            except Exception:
                log.exception("presence_not_told", tenant=tenant_id, person=person)


LEASES: dict[asyncio.AbstractEventLoop, Leases] = {}


def leases() -> Leases:
    """The running loop's, begun with its first socket and ended with its fan-out."""
    loop = asyncio.get_running_loop()
    if loop not in LEASES:
        for ended in [other for other in LEASES if other.is_closed()]:
            del LEASES[ended]
        LEASES[loop] = book = Leases()
        fanout().at_the_end.append(book.stop)
        fanout().at_the_end.append(forget)
    return LEASES[loop]


async def forget() -> None:
    LEASES.pop(asyncio.get_running_loop(), None)
