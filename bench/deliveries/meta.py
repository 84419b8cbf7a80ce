"""Meta's side: a number's inbox, the deliveries that it would post, signed, and who posts them on the beat."""

from __future__ import annotations

import hashlib
import hmac
import json
import selectors
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

Item = dict[str, Any]
Raw = Callable[[], bytes]
NUMBER_ID, ACCOUNT_ID, APP_SECRET, TOKEN = "106540352242922", "102290129340398", "bench-app-secret", "bench-token"
# Opened before the first beat; a delivery that finds none of them free opens another.
CONNECTIONS = 16
ANSWERED_WITHIN_S = 30.0


def line(tenant: Any, **config: str) -> Any:
    """A connected WhatsApp inbox of the tenant."""
    from conversations.models import Inbox, ProviderAccount

    inbox = Inbox.objects.create(tenant=tenant, name="WhatsApp", channel="whatsapp", connection="connected")
    given = {"phone_number_id": NUMBER_ID, "waba_id": ACCOUNT_ID} | config
    account = ProviderAccount(tenant=tenant, inbox=inbox, config=given)
    account.keep_secrets({"access_token": TOKEN, "app_secret": APP_SECRET, "verify_token": "verify"})
    account.save()
    return inbox


def delivery(value: Item, **more: Any) -> bytes:
    """A delivery with one change, as Meta posts it."""
    metadata = {"display_phone_number": "15550783881", "phone_number_id": NUMBER_ID}
    change = {"field": "messages", "value": {"messaging_product": "whatsapp", "metadata": metadata, **value}}
    entry = {"id": ACCOUNT_ID, "changes": [change], **more}
    return json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()


def said(phone: str, wamid: str, *, at: float = 0, **content: Any) -> Item:
    """The value of a message; `content` has its `type` and what belongs to that."""
    written = {"from": phone, "id": wamid, "timestamp": str(int(at or time.time())), **content}
    return {"contacts": [{"profile": {"name": f"Cliente {phone[-4:]}"}, "wa_id": phone}], "messages": [written]}


def text(phone: str, wamid: str, words: str) -> Item:
    return said(phone, wamid, type="text", text={"body": words})


def phone(number: int) -> str:
    return f"55119{80000000 + number}"


def request(path: str, raw: bytes) -> bytes:
    """The signed POST, as it goes over the wire."""
    signature = hmac.new(APP_SECRET.encode(), raw, hashlib.sha256).hexdigest()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"X-Hub-Signature-256: sha256={signature}\r\nContent-Length: {len(raw)}\r\n\r\n"
    )
    return head.encode() + raw


def received(connection: socket.socket) -> bytes:
    """What came; nothing where the other side has ended it, however rudely."""
    try:
        return connection.recv(65536)
    except ConnectionError:
        return b""


class Line:
    """One connection, with at most one delivery under way."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), 10)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sent_at = 0
        self.asked = self.answer = b""

    def send(self, whole: bytes) -> None:
        self.asked, self.answer, self.sent_at = whole, b"", time.monotonic_ns()
        self.socket.sendall(whole)

    def status(self) -> int:
        """The status of an answer that is here whole; else 0."""
        head, found, body = self.answer.partition(b"\r\n\r\n")
        if not found:
            return 0
        length = next(one for one in head.lower().split(b"\r\n") if one.startswith(b"content-length:"))
        return int(head[9:12]) if len(body) >= int(length.partition(b":")[2]) else 0


class Poster:
    """Posts one delivery after the other, each on its beat whether or not the others have been answered.

    `took` are the times from the sending of a delivery to its whole answer, in ms; `late` how far behind its beat each
    was sent: what this client, and not the product, is to blame for.
    """

    def __init__(self, port: int, path: str) -> None:
        self.port, self.path = port, path
        self.selector = selectors.DefaultSelector()
        self.idle: list[Line] = []
        self.busy: set[Line] = set()
        self.unanswered: list[bytes] = []
        self.took: list[float] = []
        self.late: list[float] = []
        self.statuses: Counter[int] = Counter()
        self.idle.extend(self.opened() for _ in range(CONNECTIONS))

    def opened(self) -> Line:
        line = Line(self.port)
        self.selector.register(line.socket, selectors.EVENT_READ, line)
        return line

    def post(self, raws: Sequence[Raw], rate: float) -> None:
        """Post them at so many a second; each is made when it is due, so that it may hold the moment."""
        began = time.monotonic()
        for number, raw in enumerate(raws):
            due = began + number / rate
            self.listen(until=due)
            line = self.idle.pop() if self.idle else self.opened()
            self.busy.add(line)
            self.late.append(max(0.0, (time.monotonic() - due) * 1e3))
            line.send(request(self.path, raw()))
        self.finish()

    def pour(self, raws: Iterator[bytes], most: int) -> None:
        """Post them as fast as they are answered, at most so many at once; again what was not, as Meta does."""
        for raw in raws:
            self.put(request(self.path, raw), most)
        self.finish()
        while self.unanswered:
            self.statuses[0] -= 1
            self.put(self.unanswered.pop(), most)
            self.finish()
        self.statuses += Counter()

    def put(self, whole: bytes, most: int) -> None:
        self.hear(0)  # A connection that was closed meanwhile shows itself.
        while len(self.busy) >= most:
            self.hear(1.0)
        line = self.idle.pop() if self.idle else self.opened()
        self.busy.add(line)
        line.send(whole)

    def finish(self) -> None:
        """Wait for the answers that are still missing."""
        until = time.monotonic() + ANSWERED_WITHIN_S
        while self.busy and time.monotonic() < until:
            self.hear(0.5)

    def listen(self, *, until: float) -> None:
        while (rest := until - time.monotonic()) > 0:
            self.hear(rest)

    def hear(self, seconds: float) -> None:
        for key, _events in self.selector.select(seconds):
            line: Line = key.data
            chunk = received(line.socket)
            line.answer += chunk
            if not chunk:
                self.ended(line)
            elif status := line.status():
                self.answered(line, status)

    def answered(self, line: Line, status: int) -> None:
        self.took.append((time.monotonic_ns() - line.sent_at) / 1e6)
        self.statuses[status] += 1
        self.busy.discard(line)
        self.idle.append(line)

    def ended(self, line: Line) -> None:
        """The server closed it: after a silence, as it may, or instead of an answer, which counts as none."""
        self.selector.unregister(line.socket)
        line.socket.close()
        if line in self.busy:
            self.busy.discard(line)
            self.statuses[0] += 1
            self.unanswered.append(line.asked)
        else:
            self.idle.remove(line)

    def close(self) -> None:
        for line in [*self.idle, *self.busy]:
            line.socket.close()
        self.selector.close()
