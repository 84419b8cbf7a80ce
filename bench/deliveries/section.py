"""`make bench ARGS="deliveries"`: webhooks at a rate (`--seconds=…`), then 10,000 in the worst order (`--count=…`,
`--seed=…`).
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from functools import partial
from typing import Any, NamedTuple

from bench import world
from bench.clients import percentile
from bench.cuts.section import option
from bench.deliveries import meta
from bench.deliveries.hearing import Ears
from bench.deliveries.shuffled import shuffled
from bench.processes import Server, jobs_worker, product

COUNT = 10_000
RATE, SECONDS, AGENTS, CUSTOMERS = 100.0, 30, 20, 300


class Scene(NamedTuple):
    """Everything in its own process, as in production: requests, sockets, jobs; and the agents who listen."""

    web: Server
    sockets: Server
    worker: Server
    ears: Ears

    def cpu(self) -> tuple[float, ...]:
        """CPU seconds so far of requests, jobs, sockets and of this client."""
        return *(one.cpu_seconds() for one in (self.web, self.worker, self.sockets)), time.process_time()


def deliveries(env: dict[str, str], *, quick: bool) -> Iterator[str]:
    """First how fast, then how exactly; `--seconds=0` or `--count=0` leaves one of them out."""
    if seconds := number("seconds", 8 if quick else SECONDS):
        yield from flow(env, seconds=seconds)
    if count := number("count", 1_000 if quick else COUNT):
        yield from shuffled(env, count=count, seed=number("seed", 1))


def number(name: str, usual: int) -> int:
    """What the command line says after `--name=`."""
    given = option(name)
    return int(given) if given else usual


def flow(env: dict[str, str], *, seconds: int) -> Iterator[str]:
    """Texts at a constant rate."""
    yield f"signed deliveries of one text each at {RATE:.0f}/s for {seconds} s, {AGENTS} agents connected"
    tenant = world.company()
    inbox = meta.line(tenant)
    with ExitStack() as stack:
        scene = staged(stack, env, tenant)
        path = f"/webhooks/whatsapp/{inbox.token}"
        acquainted(scene, path)
        yield from measured(scene, path, int(RATE * seconds))
        scene.ears.close()


def staged(stack: ExitStack, env: dict[str, str], tenant: Any) -> Scene:
    web, sockets = (stack.enter_context(product(env, core=None, role=role)) for role in ("web", "sockets"))
    worker = stack.enter_context(jobs_worker(env))
    ears = Ears()
    for member in world.agents(tenant, AGENTS):
        ears.join(sockets.port, f"/ws/dashboard/?token={world.token(member)}")
    ears.start()
    return Scene(web, sockets, worker, ears)


def stamped(stem: str, number: int) -> bytes:
    """A text that tells when it was sent."""
    words = f"Oi, tudo bem? Queria saber do meu pedido. xat:{time.monotonic_ns()}."
    return meta.delivery(meta.text(meta.phone(number % CUSTOMERS), f"wamid.{stem}{number}", words))


def posted(scene: Scene, path: str, stem: str, count: int) -> meta.Poster:
    """Post so many at the rate."""
    with closing(meta.Poster(scene.web.port, path)) as poster:
        poster.post([partial(stamped, stem, number) for number in range(count)], RATE)
    return poster


def acquainted(scene: Scene, path: str) -> None:
    """Every customer has written once: what is measured is the conversation that goes on."""
    posted(scene, path, "first", CUSTOMERS)
    scene.ears.wait_for(CUSTOMERS * AGENTS, within_s=60)
    scene.worker.settled()
    scene.ears.begin()


def measured(scene: Scene, path: str, count: int) -> Iterator[str]:
    ears, before = scene.ears, scene.cpu()
    poster = posted(scene, path, "x", count)
    heard = ears.wait_for(count * AGENTS, within_s=60)
    web, worker, sockets, client = (1e3 * (now - then) / count for now, then in zip(scene.cpu(), before, strict=True))
    told = ", ".join(f"{number} × {status}" for status, number in sorted(poster.statuses.items()))
    yield f"  answered  {spread(poster.took)}   {told}"
    yield f"  on the agents' sockets  {spread(ears.latencies)}   {heard} of {count * AGENTS} heard"
    yield f"  CPU of each delivery: web {web:.2f} ms, jobs {worker:.2f} ms, sockets {sockets:.2f} ms"
    yield f"  this client: {client:.2f} ms of CPU for each, behind its beat {spread(poster.late)}"


def spread(values: list[float]) -> str:
    p50, p99 = percentile(values, 0.5), percentile(values, 0.99)
    return f"p50 {p50:.1f} ms  p99 {p99:.1f} ms  most {max(values, default=float('nan')):.1f} ms"
