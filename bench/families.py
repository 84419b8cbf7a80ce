"""What a delivery costs in the words of each family of foreign clients, beside the native protocol."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any, NamedTuple

from bench import world
from bench.clients import STAMP
from bench.fanout import Cost, crowd_of, in_turns, measured
from bench.processes import product
from bench.writes import conversations_of
from realtime import streams


class Client(NamedTuple):
    """How a family's clients connect, and what each of them sends first.

    In the address `{token}` and `{company}` are filled in, in the greetings `CONVERSATION`.
    """

    address: str
    greetings: tuple[str, ...] = ()


NATIVE = Client("/ws/dashboard/?token={token}")
FAMILIES = {
    "FastAPI": Client("/ws?token={token}", ('{"type":"join","conversation_id":"CONVERSATION"}',)),
    "PyTake": Client("/api/v1/conversations/ws?token={token}"),
    "sysZap": Client("/ws?companyId={company}&token={token}"),
    "Socket.IO": Client(
        "/socket.io/?EIO=4&transport=websocket&token={token}",
        ("40", '42["join_conversation",{"conversation_id":CONVERSATION}]'),
    ),
}


def cost_of(env: dict[str, str], name: str, client: Client, *, sockets: int, events: int, rate: float) -> Cost:
    """Messages of one conversation, told to every socket of one company."""
    company = world.company()
    (conversation,) = conversations_of(company, 1)
    told = env | {"CONVERSATION": str(conversation)}
    addresses = [client.address.format(token=token, company=company.pk) for token in world.tokens_of(company, sockets)]
    greetings = [greeting.replace("CONVERSATION", str(conversation)) for greeting in client.greetings]
    with product(env) as running:
        crowd = crowd_of(running, addresses, greetings=greetings)
        try:
            return measured(
                name,
                running,
                crowd,
                told,
                kind="message",
                groups=[streams.agents(company.pk)],
                events=events,
                rate=rate,
                each=sockets,
                marker=STAMP,
            )
        finally:
            crowd.close()


def compared(env: dict[str, str], *, quick: bool) -> Iterator[str]:
    """Every family against the native protocol, in turns."""
    sockets = 200 if quick else 1000
    shape: dict[str, Any] = {"sockets": sockets, "events": 300, "rate": 60}
    yield f"a message of one conversation to {sockets} sockets of one company; CPU of the server per delivery"
    clients = {"NioChat": NATIVE, **FAMILIES}
    costs = in_turns(*(partial(cost_of, env, name, client, **shape) for name, client in clients.items()))
    for cost in costs:
        lost = f"  LOST {cost.lost:.1%}" if cost.delivered < cost.expected else ""
        ratio = f"{cost.cpu_us / costs[0].cpu_us:5.2f} times the native cost"
        times = f"p50 {cost.p50_ms:6.1f} ms  p99 {cost.p99_ms:6.1f} ms"
        yield f"  {cost.name:10} {cost.cpu_us:6.1f} us  {ratio}  {times}{lost}"
