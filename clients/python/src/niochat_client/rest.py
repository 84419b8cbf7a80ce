"""What sockets are not made for: lists, history, and writing in from another system."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

from niochat_client.credentials import Credentials
from niochat_client.errors import ApiError
from niochat_client.http import Http, json_of
from niochat_client.shapes import Conversation, Message, read

PAGE = 100
UNAUTHENTICATED = 401


class Rest:
    """The REST API as the client's own user. Raises ApiError, AuthenticationFailed, httpx.TransportError."""

    def __init__(self, http: Http, credentials: Credentials) -> None:
        self.http, self.credentials = http, credentials

    async def call(
        self, method: str, path: str, *, json: Mapping[str, Any] | None = None, params: Mapping[str, Any] | None = None
    ) -> Any:
        """Any request under /api/v1/; the answer's JSON, or None. A token that has ended is renewed once."""
        token = await self.credentials.token()
        try:
            answer = await self.http.call(method, path, token=token, json=json, params=params)
        except ApiError as refused:
            if refused.status != UNAUTHENTICATED:
                raise
            token = await self.credentials.token(renew=True)
            answer = await self.http.call(method, path, token=token, json=json, params=params)
        return json_of(answer)

    async def me(self) -> dict[str, Any]:
        """Who the credentials belong to, and what they may do."""
        found: dict[str, Any] = await self.call("GET", "auth/me")
        return found

    async def logout(self) -> None:
        """End the session: its tokens are dead at once, and its sockets are closed."""
        await self.call("POST", "auth/logout")

    async def snapshot(self) -> dict[str, Any]:
        """What a fresh dashboard draws, and the cursors from which frames carry it on."""
        found: dict[str, Any] = await self.call("GET", "snapshot")
        return found

    async def conversations(self, *, limit: int = 50, offset: int = 0, **filters: Any) -> list[Conversation]:
        """One page, by `status`, `search`, `inbox`, `assignee`, `team`, `label`, `ordering`; the newest first."""
        rows = await self.call("GET", "conversations", params={"limit": limit, "offset": offset, **filters})
        return [read(Conversation, row) for row in rows]

    async def every_conversation(self, **filters: Any) -> AsyncIterator[Conversation]:
        """All that fit, page by page. One that moves to the top meanwhile may come twice."""
        offset = 0
        while page := await self.conversations(limit=PAGE, offset=offset, **filters):
            for conversation in page:
                yield conversation
            offset += len(page)

    async def conversation(self, conversation_id: int) -> Conversation:
        return read(Conversation, await self.call("GET", f"conversations/{conversation_id}"))

    async def change(self, conversation_id: int, verb: str, **fields: Any) -> Conversation:
        """`assign`, `transfer`, `snooze`, `close`, `reopen` or `read`, with the fields that it takes."""
        return read(Conversation, await self.call("POST", f"conversations/{conversation_id}/{verb}", json=fields))

    async def messages(
        self,
        conversation_id: int,
        *,
        limit: int = 100,
        offset: int = 0,
        before: int | str | None = None,
        after: int | str | None = None,
    ) -> list[Message]:
        """One page, oldest first; `offset` counts from the newest, `before` and `after` are an id or a time."""
        params = {"limit": limit, "offset": offset, "before": before, "after": after}
        rows = await self.call("GET", f"conversations/{conversation_id}/messages", params=params)
        return [read(Message, row) for row in rows]

    async def send(self, conversation_id: int, content: str, **fields: Any) -> Message:
        """Write a message by HTTP; `client_message_id` makes a repeat harmless."""
        row = await self.call("POST", f"conversations/{conversation_id}/messages", json={"content": content, **fields})
        return read(Message, row)

    async def inbound(
        self, inbox_id: int, key: str, *, contact: Mapping[str, Any], content: str, external_id: str, **fields: Any
    ) -> Any:
        """What a customer wrote in another system, to an `api` inbox, by the inbox's own key.

        `contact` is `{identifier, name?, phone?, email?}`; the same `external_id` twice is one message.
        """
        body = {"contact": dict(contact), "content": content, "external_id": external_id, **fields}
        return json_of(await self.http.call("POST", f"inboxes/{inbox_id}/inbound", token=key, json=body))
