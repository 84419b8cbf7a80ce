"""What a delivery costs in the words of each family of foreign clients, beside the native protocol."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import NamedTuple

from bench import world
from bench.clients import STAMP, Crowd
from bench.fanout import crowd_of
from bench.polls import Polls
from bench.processes import product
from bench.turns import Contestant, contestant, weighed
from bench.writes import conversations_of
from realtime import streams


class Client(NamedTuple):
    """How a family's clients connect, and what each of them sends first.

    In the address `{token}` and `{company}` are filled in, in the greetings `CONVERSATION`. `share` of the sockets that
    the others have are opened.
    """

    address: str
    greetings: tuple[str, ...] = ()
    crowd: Callable[[], Crowd] = Crowd
    share: float = 1.0


IN_SOCKETIO = ("40", '42["join_conversation",{"conversation_id":CONVERSATION}]')

NATIVE = Client("/ws/dashboard/?token={token}")
FAMILIES = {
    "FastAPI": Client("/ws?token={token}", ('{"type":"join","conversation_id":"CONVERSATION"}',)),
    "PyTake": Client("/api/v1/conversations/ws?token={token}"),
    "sysZap": Client("/ws?companyId={company}&token={token}"),
    "Socket.IO": Client("/socket.io/?EIO=4&transport=websocket&token={token}", IN_SOCKETIO),
    # Each delivery is an answer to a request, and another request.
    "Socket.IO, long polling": Client("/socket.io/?EIO=4&transport=polling&token={token}", IN_SOCKETIO, Polls, 0.05),
}


@contextmanager
def listening(env: dict[str, str], name: str, client: Client, sockets: int) -> Iterator[Contestant]:
    """Sockets of one company, each told of the messages of one conversation."""
    company = world.company()
    (conversation,) = conversations_of(company, 1)
    told = env | {"CONVERSATION": str(conversation)}
    tokens = world.tokens_of(company, round(sockets * client.share))
    addresses = [client.address.format(token=token, company=company.pk) for token in tokens]
    greetings = [greeting.replace("CONVERSATION", str(conversation)) for greeting in client.greetings]
    group = streams.agents(company.pk)
    with product(env) as running:
        crowd = crowd_of(running, addresses, greetings=greetings, kind=client.crowd)
        with contestant(name, running, crowd, told, kind="message", group=group, marker=STAMP) as ready:
            yield ready


def compared(env: dict[str, str], *, quick: bool) -> Iterator[str]:
    """Every family against the native protocol, in turns."""
    sockets = 200 if quick else 1000
    yield f"a message of one conversation to {sockets} sockets of one company; CPU of the server per delivery"
    with ExitStack() as stack:
        clients = {"NioChat": NATIVE, **FAMILIES}
        weights = weighed([stack.enter_context(listening(env, *each, sockets)) for each in clients.items()])
    for weight in weights:
        ratio = f"{weight.cpu_us / weights[0].cpu_us:5.2f} times the native cost"
        times = f"p50 {weight.p50_ms:6.1f} ms  p99 {weight.p99_ms:6.1f} ms"
        yield f"  {weight.name:24} {weight.cpu_us:6.1f} us  {ratio}  {weight.size:5.0f} bytes  {times}"
