"""A simulated provider's server: its life, a call as it comes in, the moods of its answers, and the door of commands.

A provider's own module says only what it answers (`Handler.answered`), in which words it refuses (`Handler.refused`),
and what can be commanded besides (`command_…`).
"""

from __future__ import annotations

import json
import re
import sys
import threading
from collections.abc import Callable, Mapping
from email.message import Message
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar, Generic, NamedTuple, Self, TypeVar
from urllib.parse import parse_qsl, unquote, urlsplit

from niochat.simulators.world import World, told

Item = dict[str, Any]
AnyWorld = TypeVar("AnyWorld", bound=World)
LONG_POLL_S = 20.0
TOO_MANY = 429
LOCAL = re.compile(r"http://(localhost|127\.0\.0\.1)(:\d+)?")
# How a request that was not understood shows itself.
MALFORMED = (KeyError, ValueError, TypeError, AttributeError, StopIteration)


class Refusal(Exception):
    """What a provider does not do: a status, its words, and what else its answer holds (a code, say)."""

    def __init__(self, status: int, message: str, **more: Any) -> None:
        self.status, self.message, self.more = status, message, more
        super().__init__(message)


class Upload(NamedTuple):
    """A file in a form."""

    name: str
    content_type: str
    content: bytes


class Call(NamedTuple):
    """A request. `query` has the last value of each name."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Message
    raw: bytes

    @property
    def parts(self) -> list[str]:
        return [unquote(part) for part in self.path.strip("/").split("/")]

    @property
    def json(self) -> Item:
        """Raises ValueError for no JSON object."""
        return dict(json.loads(self.raw or b"{}"))

    @property
    def form(self) -> Item:
        """The fields of a form, its files as `Upload`; or of JSON, where it came as such."""
        kind = self.headers.get("Content-Type", "")
        if not kind.startswith("multipart/"):
            return self.json
        whole = BytesParser().parsebytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + self.raw)
        return dict(field_of(part) for part in whole.walk() if not part.is_multipart())


class Handler(BaseHTTPRequestHandler, Generic[AnyWorld]):
    """One request to a simulated provider."""

    protocol_version = "HTTP/1.1"
    server: Server[AnyWorld]
    # What a call that sends may be answered with instead.
    refusals: ClassVar[Mapping[str, Refusal]] = {}

    @property
    def world(self) -> AnyWorld:
        return self.server.world

    def answered(self, call: Call) -> None:
        """Answer in the provider's way; raises Refusal, and any of MALFORMED for what can't be read."""
        raise NotImplementedError

    def refused(self, refusal: Refusal) -> Item:
        """A refusal in the provider's words."""
        raise NotImplementedError

    def allow(self) -> None:
        self.answer(204, b"", "text/plain")

    def serve(self) -> None:
        url = urlsplit(self.path)
        raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        call = Call(self.command, url.path, dict(parse_qsl(url.query)), self.headers, raw)
        try:
            if call.parts[0] == "_sim":
                return self.json(self.commanded(call))
            return self.answered(call)
        except Refusal as refusal:
            self.refuse(refusal)
        except MALFORMED as error:
            self.refuse(Refusal(400, repr(error)))

    do_GET = do_POST = do_PUT = do_DELETE = serve  # noqa: N815 - the library's names
    do_OPTIONS = allow  # noqa: N815

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
        """Say nothing: what was asked stands in the simulator."""

    # --- moods

    def sending(self, take: Callable[[], Any], status: int = 200) -> None:
        """Do what a call that sends asks for, in the mood of the moment."""
        mood = self.world.mood()
        if mood in self.refusals:
            raise self.refusals[mood]
        if mood == "timeout":
            self.world.idle(self.world.moods.timeout_s)
        result = take()
        if mood == "taken_but_silent":  # Who sent it never hears that it was taken.
            self.close_connection = True
            self.connection.close()
            return
        self.json(result, status)

    # --- commands

    def commanded(self, call: Call) -> Item:
        """Obey `/_sim/<command>`, of the phone's page, of a test, or of somebody who tries things out."""
        name = call.parts[1] if len(call.parts) > 1 else ""
        act = getattr(self, f"command_{name}", None)
        if act is None:
            known = sorted(one.removeprefix("command_") for one in dir(self) if one.startswith("command_"))
            raise Refusal(404, f"Commands: {', '.join(known)}")
        return act({**call.query, **call.json}) or {}

    def command_behave(self, given: Item) -> Item:
        """Change the moods; without any, be good again."""
        self.world.behave(given)
        return self.command_moods({})

    def command_moods(self, given: Item) -> Item:
        return told(self.world.moods)

    def command_sent(self, given: Item) -> Item:
        return {"sent": self.world.sent}

    def command_shown(self, given: Item) -> Item:
        """What its people see beyond the number `after`; waits a while for the next."""
        return {"shown": self.world.shown_after(int(given.get("after", 0)), LONG_POLL_S)}

    # --- answers

    def refuse(self, refusal: Refusal) -> None:
        wait = {"Retry-After": str(self.world.moods.retry_after_s)} if refusal.status == TOO_MANY else {}
        self.answer(refusal.status, json.dumps(self.refused(refusal)).encode(), "application/json", **wait)

    def json(self, body: Any, status: int = 200) -> None:
        """Answer with JSON; what it has no words for, a file's bytes say, is described."""
        self.answer(status, json.dumps(body, default=lambda one: f"{len(one)} bytes").encode(), "application/json")

    def answer(self, status: int, content: bytes, kind: str, **headers: str) -> None:
        """Answer; a page on this machine may read it, whatever port it came from."""
        self.send_response(status)
        origin = self.headers.get("Origin", "")
        if LOCAL.fullmatch(origin):
            headers |= {"Access-Control-Allow-Origin": origin, "Access-Control-Allow-Headers": "Content-Type"}
        for name, value in {"Content-Type": kind, "Content-Length": str(len(content)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)


class Server(ThreadingHTTPServer, Generic[AnyWorld]):
    """Listens on loopback only; port 0 is any that is free."""

    daemon_threads = True
    handler: type[Handler[Any]]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say what broke. A caller that went while its answer was on the way is no fault: a page was closed."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

    def __init__(self, world: AnyWorld, port: int = 0) -> None:
        self.world = world
        super().__init__(("127.0.0.1", port), self.handler_for(world))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handler_for(self, world: AnyWorld) -> type[Handler[Any]]:
        """Who answers for this world."""
        return self.handler

    @classmethod
    def near(cls, world: AnyWorld, port: int) -> Self:
        """On its usual port, or on any that is free."""
        try:
            return cls(world, port)
        except OSError:
            return cls(world)

    def start(self) -> Self:
        self.world.begin()
        threading.Thread(target=self.serve_forever, name="simulator", daemon=True).start()
        return self

    def stop(self) -> None:
        self.world.stop()
        self.shutdown()
        self.server_close()


def field_of(part: Message) -> tuple[str, Any]:
    name = str(part.get_param("name", header="content-disposition"))
    decoded = part.get_payload(decode=True)
    content = decoded if isinstance(decoded, bytes) else b""
    if file_name := part.get_filename():
        return name, Upload(file_name, part.get_content_type(), content)
    text = content.decode()
    return name, json.loads(text) if text.startswith("{") else text
