"""The measurements, each a function that yields lines of the report."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt

from bench import families, world
from bench.clients import Crowd
from bench.cuts.section import cuts
from bench.deliveries.section import deliveries
from bench.fanout import ROUNDS, Cost, crowd_of, in_turns, measured
from bench.idle.section import idle as sitting
from bench.polling import compared
from bench.processes import Server, free_port, product, server
from bench.queries import counted
from bench.resume import resumed
from bench.world import SOCKETS_PER_USER
from bench.writes import embedded, posted
from realtime import streams

Lines = Iterator[str]


def bare_token(env: dict[str, str]) -> str:
    """A token that the peers check as ours are checked: HS256, an expiry, an audience."""
    expires = datetime.now(UTC) + timedelta(hours=1)
    return jwt.encode({"exp": expires, "aud": "niochat"}, env["SECRET_KEY"], algorithm="HS256")


def row(cost: Cost, ours: Cost | None = None) -> str:
    ratio = f"{ours.cpu_us / cost.cpu_us:6.3f}" if ours else "     –"
    lost = f"  LOST {cost.lost:.1%}" if cost.delivered < cost.expected else ""
    return (
        f"  {cost.name:34} {cost.cpu_us:8.1f} us {cost.per_cpu_second:8.0f}/cpu-s p50 {cost.p50_ms:7.1f} ms"
        f"  p99 {cost.p99_ms:7.1f} ms  ours/this {ratio}  client {cost.client_cpu_us:4.1f} us{lost}"
    )


def groups_of(tenants: int, sockets: int) -> tuple[list[str], list[str]]:
    """The addresses of `sockets` sockets for each of so many companies, and the stream that each company follows."""
    made = [world.company() for _ in range(tenants)]
    addresses = [path for tenant in made for path in world.paths(tenant, sockets)]
    return addresses, [streams.agents(tenant.pk) for tenant in made]


def ours(
    env: dict[str, str], name: str, *, tenants: int, sockets: int, events: int, rate: float, kind: str = "product"
) -> Cost:
    """Measure the product."""
    addresses, groups = groups_of(tenants, sockets)
    with product(env) as running:
        crowd = crowd_of(running, addresses)
        try:
            return measured(name, running, crowd, env, kind=kind, groups=groups, events=events, rate=rate, each=sockets)
        finally:
            crowd.close()


def peer(env: dict[str, str], name: str, kind: str, *, tenants: int, sockets: int, events: int, rate: float) -> Cost:
    """Measure one of the peers with the same groups, payload and token check."""
    port, token = free_port(), bare_token(env)
    command, path, greeting = PEERS[kind](env, port)
    names = [f"g{number}" for number in range(tenants)]
    addresses = [f"{path}token={token}&group={group}" for group in names for _ in range(sockets)]
    with server(command, port, env) as running:
        crowd = crowd_of(running, addresses, greetings=[greeting] if greeting else ())
        try:
            return measured(name, running, crowd, env, kind=kind, groups=names, events=events, rate=rate, each=sockets)
        finally:
            crowd.close()


def node_peer(env: dict[str, str], port: int) -> tuple[list[str], str, str]:
    command = ["node", "bench/peers/node_ws.mjs", str(port), env["REDIS_URL"], env["SECRET_KEY"]]
    return command, "/?", ""


def stock(env: dict[str, str], port: int) -> tuple[list[str], str, str]:
    command = [sys.executable, "-m", "daphne", "-b", "127.0.0.1", "-p", str(port), "bench.peers.stock_app:application"]
    return command, "/?", ""


def socketio(env: dict[str, str], port: int) -> tuple[list[str], str, str]:
    app = "bench.peers.socketio_app:application"
    command = [sys.executable, "-m", "uvicorn", "--port", str(port), "--log-level", "warning", app]
    return command, "/socket.io/?EIO=4&transport=websocket&", "40"


PEERS = {"redis": node_peer, "channels": stock, "socketio": socketio}


def one_group(env: dict[str, str], *, quick: bool) -> Lines:
    """One group of 1,000 sockets, published by another process through Redis, 100 events a second at most."""
    size = 300 if quick else 1000
    shape: dict[str, Any] = {"tenants": 1, "sockets": size}
    yield f"one group of {size} sockets, fed through Redis by another process; CPU of the server per delivery"
    first, kept, node = in_turns(
        lambda: ours(env, "NioChat", **shape, events=300, rate=60),
        lambda: ours(env, "NioChat, kept events (with the log)", **shape, events=300, rate=60, kind="log"),
        lambda: peer(env, "Node ws + Redis", "redis", **shape, events=300, rate=60),
    )
    yield row(first)
    yield row(kept, first)
    yield row(node, first)
    yield row(peer(env, "python-socketio + Redis", "socketio", **shape, events=30, rate=4), first)
    yield row(peer(env, "stock Channels (daphne, core layer)", "channels", **shape, events=20, rate=1), first)


def many_tenants(env: dict[str, str], *, quick: bool) -> Lines:
    """200 companies of five sockets each."""
    tenants = 60 if quick else 200
    shape: dict[str, Any] = {"tenants": tenants, "sockets": 5, "events": 20_000, "rate": 6000}
    yield f"{tenants} companies of 5 sockets; the median of {ROUNDS} rounds, taken in turns"
    first, node = in_turns(
        lambda: ours(env, "NioChat", **shape), lambda: peer(env, "Node ws + Redis", "redis", **shape)
    )
    yield row(first)
    yield row(node, first)


def burst(env: dict[str, str], *, quick: bool) -> Lines:
    """100 sockets of one company, as fast as they can be fed."""
    shape: dict[str, Any] = {"tenants": 1, "sockets": 100, "events": 5_000, "rate": 1e9}
    yield f"burst: 100 sockets, events as fast as one publisher makes them; the median of {ROUNDS} rounds, in turns"
    first, node = in_turns(
        lambda: ours(env, "NioChat", **shape), lambda: peer(env, "Node ws + Redis", "redis", **shape)
    )
    yield row(first)
    yield row(node, first)


def latency(env: dict[str, str], *, quick: bool) -> Lines:
    """From publish() (its commit included) to the client, and memory and CPU of an idle socket."""
    yield "kept events at a quiet rate: from publish(), its commit included, to the client"
    for sockets, rate in ((100, 100), (1000, 20), (5000, 4)) if not quick else ((100, 100),):
        addresses, groups = groups_of(1, sockets)
        with product(env) as running:
            weight = idle(running, addresses)
            crowd, accept_us, socket_kb = next(weight)
            cost = measured(
                f"{sockets} sockets, {rate} events/s",
                running,
                crowd,
                env,
                kind="log",
                groups=groups,
                events=rate * 8,
                rate=rate,
                each=sockets,
            )
            crowd.close()
        yield f"{row(cost)}\n{'':36} accept {accept_us:.0f} us of CPU, idle socket {socket_kb:.1f} KB"


def idle(running: Server, addresses: list[str]) -> Iterator[tuple[Crowd, float, float]]:
    """Open the sockets and weigh what that cost: CPU microseconds and kilobytes, each.

    Every user's first socket is opened before: that somebody comes online is told to all colleagues, a cost of its own.
    """
    first = addresses[::SOCKETS_PER_USER]
    crowd = crowd_of(running, first)
    cpu, memory = running.cpu_seconds(), running.memory_bytes()
    others = [address for number, address in enumerate(addresses) if number % SOCKETS_PER_USER]
    for address in others:
        crowd.join(running.port, address)
    running.settled()
    count = len(others)
    yield crowd, 1e6 * (running.cpu_seconds() - cpu) / count, (running.memory_bytes() - memory) / count / 1024


def write_path(env: dict[str, str], *, quick: bool) -> Lines:
    """POST to socket, as production serves it and as `make run` does."""
    yield "write path: POST of a message, to its answer and to another agent's socket"
    yield posted(env, sockets=100, rate=40, seconds=4 if quick else 10, split=True)
    yield from embedded()


def queries(env: dict[str, str], *, quick: bool) -> Lines:
    """Queries of hot requests on PostgreSQL, authentication included."""
    yield "queries per request, authentication included"
    yield from counted()


SECTIONS = {
    "queries": queries,
    "one-group": one_group,
    "tenants": many_tenants,
    "burst": burst,
    "latency": latency,
    "families": families.compared,
    "writes": write_path,
    "deliveries": deliveries,
    "resume": resumed,
    "polling": compared,
    "cuts": cuts,
    "idle": sitting,
}
