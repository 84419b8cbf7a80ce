"""Addresses, and the one answer to "who may hear this": `streams_for`.

A name has letters, digits, `-`, `_` and `.` only (Channels' rule for groups). Finer visibility is one more stream,
never a filter on the way out.
"""

from __future__ import annotations

from accounts.actor import Actor
from accounts.permissions import allowed


def agents(tenant_id: int) -> str:
    """Every member of the tenant."""
    return f"t{tenant_id}.agents"


def supervisors(tenant_id: int) -> str:
    """Supervisors and admins."""
    return f"t{tenant_id}.supervisors"


def admins(tenant_id: int) -> str:
    """Admins; transient frames only, so it has no log and no cursor."""
    return f"t{tenant_id}.admins"


def inbox(tenant_id: int, inbox_id: int) -> str:
    """Who sees this restricted inbox."""
    return f"t{tenant_id}.i{inbox_id}"


def user(tenant_id: int, user_id: int) -> str:
    """One member, on all their sockets."""
    return f"t{tenant_id}.u{user_id}"


def contact(tenant_id: int, contact_id: int, inbox_id: int) -> str:
    """One customer's widget on the site of one inbox: what they say elsewhere is no business of that page's."""
    return f"t{tenant_id}.c{contact_id}.i{inbox_id}"


def widgets(tenant_id: int, inbox_id: int) -> str:
    """Every open widget of an inbox; transient frames only."""
    return f"t{tenant_id}.w{inbox_id}"


def room(tenant_id: int, conversation_id: int) -> str:
    """Who has this conversation open; transient frames only."""
    return f"t{tenant_id}.room.{conversation_id}"


def control(tenant_id: int) -> str:
    """What the server must hear about the whole tenant; never shown to a client."""
    return f"t{tenant_id}.ctl"


def control_user(tenant_id: int, user_id: int) -> str:
    """What the server must hear about one member; never shown to a client."""
    return f"t{tenant_id}.ctl.u{user_id}"


def is_room(name: str) -> bool:
    """Whether a name is a conversation's room."""
    return ".room." in name


def is_control(name: str) -> bool:
    """Whether a name is a control stream's."""
    return ".ctl" in name


def tenant_of(stream: str) -> int:
    """Whose stream it is."""
    return int(stream[1:].partition(".")[0])


def streams_for(actor: Actor) -> list[str]:
    """The kept streams that the actor may read: what `cursors` has keys for."""
    tenant_id = actor.tenant_id
    if actor.contact_id is not None:
        return [] if actor.inbox_id is None else [contact(tenant_id, actor.contact_id, actor.inbox_id)]
    if not actor.is_member or actor.user_id is None:
        return []
    names = [user(tenant_id, actor.user_id)]
    if allowed(actor, "conversation.read"):
        names += [agents(tenant_id), *(inbox(tenant_id, number) for number in sorted(actor.restricted_inboxes))]
    if allowed(actor, "audit.read") and allowed(actor, "csat.read_all"):
        names.append(supervisors(tenant_id))
    return sorted(names)


def controls_for(actor: Actor) -> list[str]:
    """The streams that the server itself follows on behalf of the actor's sockets."""
    names = [control(actor.tenant_id)]
    if actor.user_id is not None:
        names.append(control_user(actor.tenant_id, actor.user_id))
    return names


def transient_groups_for(actor: Actor) -> list[str]:
    """Groups without a log that the actor's sockets hear from the start."""
    return [admins(actor.tenant_id)] if allowed(actor, "inbox.manage") else []
