"""Control: kept, followed by the server for every socket, never sent to a client."""

from __future__ import annotations

from typing import Literal

from realtime.events.base import Audience, Event


class RightsChanged(Event):
    """A member's rights changed or ended: the server closes the sockets that it names and nobody's else.

    `user_id`, `session_id` and `key_id` narrow it down; all null means every socket of the tenant. `close` is the close
    code, `code` the error code that goes before it.
    """

    kept = True
    audience = Audience.SERVER
    type: Literal["rights_changed"] = "rights_changed"
    reason: Literal["membership", "removed", "session_revoked", "user_disabled", "tenant_suspended", "key_revoked"]
    user_id: int | None = None
    session_id: int | None = None
    key_id: int | None = None
    close: Literal[4401, 4403]
    code: str
