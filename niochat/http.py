"""Django's ASGI handler with each request in one thread of a small standing pool, from middleware to the last byte.

Django's own makes a thread a request, hops into it twice for each middleware, opens a database connection each time,
and gathers a streamed answer in memory before it sends any of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import IO, Any, cast

from asgiref.sync import async_to_sync, sync_to_async
from django.core import signals
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse
from django.urls import set_script_prefix

from niochat.bodies import Receive, Scope, Send

THREADS = 8
POOL = ThreadPoolExecutor(THREADS, thread_name_prefix="http")


class PooledHandler(ASGIHandler):
    """Serves HTTP; every view, middleware and signal of a request runs in the same thread, in order."""

    def load_middleware(self, is_async: bool = False) -> None:  # noqa: FBT001, FBT002  # Django's signature
        super().load_middleware(is_async=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            body = await self.read_body(receive)
        except RequestAborted:
            return
        with body:
            response = await sync_to_async(self.answer, thread_sensitive=False, executor=POOL)(scope, body, send)
        if not response.streaming:
            await self.send_response(response, send)

    def answer(self, scope: Scope, body: IO[bytes], send: Send) -> HttpResponseBase:
        """The response, closed, and if it is a stream already sent: whatever it reads, it reads in this thread."""
        set_script_prefix(get_script_prefix(scope))
        signals.request_started.send(sender=self.__class__, scope=scope)
        request, refusal = self.create_request(scope, body)
        response: Any = refusal if request is None else self.get_response(request)
        response._handler_class = self.__class__  # noqa: SLF001  # what Django's own handlers set
        try:
            if isinstance(response, StreamingHttpResponse):
                self.stream(response, send)
        finally:
            response.close()
        return cast("HttpResponseBase", response)

    def stream(self, response: StreamingHttpResponse, send: Send) -> None:
        """Send part by part, each once the one before it has been taken."""
        if isinstance(response, FileResponse):
            response.block_size = self.chunk_size
        put = async_to_sync(send)
        headers = [(name.encode("ascii"), value.encode("latin-1")) for name, value in response.items()]
        cookies = [(b"Set-Cookie", cookie.OutputString().encode("ascii")) for cookie in response.cookies.values()]
        put({"type": "http.response.start", "status": response.status_code, "headers": headers + cookies})
        for part in cast("Iterator[bytes]", response.streaming_content):
            put({"type": "http.response.body", "body": part, "more_body": True})
        put({"type": "http.response.body"})
