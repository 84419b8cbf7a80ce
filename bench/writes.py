"""The write path: a message is posted by REST, and seen on another agent's socket."""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

from bench.clients import Crowd, percentile
from bench.processes import ROOT, product


def conversations_of(tenant: Any, count: int) -> list[int]:
    """Open conversations of a web chat, each with a first message."""
    from accounts.actor import Actor
    from conversations import actions
    from conversations.models import Inbox

    inbox = Inbox.objects.create(tenant=tenant, name="bench", channel="webchat")
    actor = Actor.system(tenant.pk)
    said = [actions.Written(identifier=f"v:{number}", content="Oi") for number in range(count)]
    return [actions.receive_message(actor, inbox.pk, one)[0].conversation_id for one in said]


def posted(env: dict[str, str], *, sockets: int, rate: float, seconds: float, split: bool) -> str:
    """Post at `rate` for `seconds` while `sockets` agents listen; answers and arrivals in milliseconds."""
    from bench import world

    tenant = world.company()
    addresses = world.paths(tenant, sockets)
    token = world.token(world.agents(tenant, 1)[0])
    conversations = conversations_of(tenant, 20)
    with ExitStack() as stack:
        rest = stack.enter_context(product(env, worker=not split, core=None))
        live = stack.enter_context(product(env, core=None)) if split else rest
        crowd = Crowd(sampled=10)
        for address in addresses:
            crowd.join(live.port, address)
        crowd.start()
        time.sleep(1.0)
        crowd.expect(b'"chat_message"')
        answers, failed = post(rest.port, token, conversations, rate, int(rate * seconds))
        arrived = crowd.settle(len(answers) * sockets, within_s=20)
        crowd.close()
    shown = f"{sockets} sockets, {rate:.0f}/s, {'REST and sockets apart' if split else 'one process'}"
    lost = len(answers) * sockets - arrived
    return (
        f"  {shown:44} answer p50 {percentile(answers, 0.5):6.1f} p99 {percentile(answers, 0.99):6.1f} ms"
        f"   socket p50 {percentile(crowd.latencies, 0.5):6.1f} p99 {percentile(crowd.latencies, 0.99):6.1f} ms"
        f"   failed {failed}  lost {lost}"
    )


def post(port: int, token: str, conversations: list[int], rate: float, count: int) -> tuple[list[float], int]:
    """Post messages one after the other, each on its beat; the time that each answer took, in ms, and the failures."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    took, failed, began = [], 0, time.monotonic()
    for number in range(count):
        time.sleep(max(0.0, began + number / rate - time.monotonic()))
        began_one = time.monotonic_ns()
        body = json.dumps({"content": f"Olá xat:{began_one}", "client_message_id": f"b{number}-{began_one}"})
        connection.request("POST", f"/api/v1/conversations/{conversations[number % 20]}/messages", body, headers)
        answer = connection.getresponse()
        answer.read()
        failed += answer.status != http.client.OK
        took.append((time.monotonic_ns() - began_one) / 1e6)
    return took, failed


def embedded() -> Iterator[str]:
    """Run in a process of its own, since the database is another: SQLite, the in-process bus, one process."""
    with tempfile.TemporaryDirectory() as here:
        env = {**os.environ, "VAR_DIR": here, "DATABASE_URL": f"sqlite:///{here}/bench.sqlite3", "REDIS_URL": ""}
        subprocess.run([sys.executable, "manage.py", "migrate", "-v", "0"], cwd=ROOT, env=env, check=True)
        command = [sys.executable, "-m", "bench.writes"]
        yield subprocess.run(command, cwd=ROOT, env=env, check=True, stdout=subprocess.PIPE, text=True).stdout.rstrip()


if __name__ == "__main__":
    import django

    django.setup()
    print(posted(dict(os.environ), sockets=100, rate=25, seconds=8, split=False), flush=True)
