"""Who is here: a lease for each open socket, renewed by the process that holds it. A dead process's leases run out.

Work is done by batches: however many sockets come or go at once, it is one statement. All times are the database's.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import NamedTuple

import structlog
from django.db import Error as DatabaseFailure
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from accounts.actor import Actor
from realtime.fanout import fanout
from realtime.models import Connection
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

User = tuple[int, int]
Heard = Callable[[int, int], None]
# Called in a thread with (tenant_id, user_id): for the first socket of a user, and when the last lease has run out.
when_somebody_comes: list[Heard] = []
when_somebody_goes: list[Heard] = []


@dataclass(eq=False, slots=True)
class Lease:
    """One socket's right to count as present. A customer's socket is counted here only: it has no row."""

    id: str
    tenant_id: int
    key: str
    user_id: int | None
    book: Leases
    granted: asyncio.Future[bool] | None = field(default=None, repr=False)

    def end(self) -> None:
        """The socket is closed."""
        self.book.end(self)

    def row(self, process: str) -> Connection:
        return Connection(
            id=self.id, process=process, tenant_id=self.tenant_id, user_id=self.user_id or 0, expires_at=Now() + LASTS
        )


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
        self.keeper = self.loop.create_task(self.keep())

    async def take(self, actor: Actor, socket_id: str) -> Lease | None:
        """A lease for this socket; None when the user has too many sockets, counted over all processes."""
        lease = Lease(socket_id, actor.tenant_id, actor.key, actor.user_id, self)
        if self.sockets[lease.tenant_id, lease.key] >= SOCKETS_PER_USER:
            return None
        self.sockets[lease.tenant_id, lease.key] += 1
        if lease.user_id is None:
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

    def end(self, lease: Lease) -> None:
        self.sockets[lease.tenant_id, lease.key] -= 1
        if not self.sockets[lease.tenant_id, lease.key]:
            del self.sockets[lease.tenant_id, lease.key]
        if self.held.pop(lease.id, None):
            self.going.append(lease)
            self.soon()

    def soon(self) -> None:
        """Write what came and went together, in a moment."""
        if self.due is None:
            self.due = self.loop.call_later(BATCH_S, lambda: fanout().spawn(self.write()))

    async def write(self) -> None:
        self.due = None
        async with self.batches:
            coming, self.coming = self.coming, []
            going, self.going = self.going, []
            try:
                refused = await working.run(write_leases, [lease.row(self.process) for lease in coming], ids(going))
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
            elif lease.id not in refused:  # The socket has gone while it was being written down.
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
            held = list(self.held.values())
            if await working.run(renew, self.process) < len(held):
                await working.run(write_again, [lease.row(self.process) for lease in held])

    async def stop(self) -> None:
        """The server ends. Its users get a little longer, for they are about to come back."""
        self.keeper.cancel()
        if self.held:
            await working.run(shorten, list(self.held), OUTLIVES_RESTART)


def ids(leases: list[Lease]) -> list[str]:
    return [lease.id for lease in leases]


# --- in a thread -----------------------------------------------------------------------------------------------------


def write_leases(coming: list[Connection], going: list[str]) -> set[str]:
    """Write down who came and who went; the ids of those that are one too many for their user."""
    if going:
        shorten(going, LINGERS)
    if not coming:
        return set()
    users = {(row.tenant_id, row.user_id) for row in coming}
    new = {row.id for row in coming}
    with transaction.atomic():
        Connection.objects.bulk_create(coming)
        theirs = list(living(users))
        refused = {row.id for row in coming if is_one_too_many(row)} if crowded(theirs) else set()
        Connection.objects.filter(id__in=refused).delete()
    tell(when_somebody_comes, users - {lease.user for lease in theirs if lease.id not in new})
    return refused


class Living(NamedTuple):
    """A lease as it is written down."""

    id: str
    user: User
    leaving: bool


def living(users: set[User]) -> Iterator[Living]:
    """All leases of these users, those that linger too."""
    rows = Connection.objects.filter(user_id__in={user for _, user in users}, expires_at__gt=Now())
    for lease, tenant_id, user_id, leaving in rows.values_list("id", "tenant_id", "user_id", "leaving"):
        if (tenant_id, user_id) in users:
            yield Living(lease, (tenant_id, user_id), leaving)


def crowded(theirs: list[Living]) -> bool:
    """Whether any of the users may have too many sockets."""
    return any(count > SOCKETS_PER_USER for count in Counter(one.user for one in theirs if not one.leaving).values())


def is_one_too_many(row: Connection) -> bool:
    """Whether this lease is not among its user's first twenty."""
    rows = Connection.objects.filter(tenant_id=row.tenant_id, user_id=row.user_id, leaving=False, expires_at__gt=Now())
    first = rows.order_by("connected_at", "id").values_list("id", flat=True)[:SOCKETS_PER_USER]
    return row.id not in set(first)


def shorten(leases: list[str], to: timedelta) -> None:
    """These sockets are closed: let their leases run out soon."""
    Connection.objects.filter(id__in=leases).update(leaving=True, expires_at=Now() + to)


def renew(process: str) -> int:
    return Connection.objects.filter(process=process, leaving=False).update(expires_at=Now() + LASTS)


def write_again(rows: list[Connection]) -> None:
    Connection.objects.bulk_create(rows, ignore_conflicts=True)


def sweep() -> None:
    """Delete what has run out; a user whose last lease it was has gone. Any process may do it, each row goes once."""
    if not expired().exists():  # As a rule: and a look needs no transaction.
        return
    with transaction.atomic():
        ours = expired().select_for_update(skip_locked=True).values_list("id", "tenant_id", "user_id")
        swept = list(ours[:SWEPT_AT_ONCE])
        Connection.objects.filter(id__in=[lease for lease, *_ in swept]).delete()
    users = {(tenant_id, user_id) for _, tenant_id, user_id in swept}
    if users:
        tell(when_somebody_goes, users - {lease.user for lease in living(users)})


def expired() -> QuerySet[Connection]:
    return Connection.objects.filter(expires_at__lte=Now())


def tell(listeners: list[Heard], users: set[User]) -> None:
    """What goes wrong with one user's news is nobody else's business, and takes nobody's lease away: it is written."""
    for tenant_id, user_id in sorted(users):
        for hear in listeners:
            try:
                hear(tenant_id, user_id)
            except Exception:
                log.exception("presence_not_told", tenant=tenant_id, user_id=user_id)


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
