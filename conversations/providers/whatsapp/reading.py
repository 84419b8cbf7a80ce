"""What Meta posts, as happenings. An entry holds changes, a change messages and statuses, in any order and number."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from conversations.providers.happenings import (
    AccountNews,
    AnyHappening,
    Edited,
    Identity,
    InboundMessage,
    Party,
    ProfileChanged,
    Reacted,
    Revoked,
    Status,
    Unknown,
)
from conversations.providers.reading import decoded, digest, digits_of, moment_of, object_of, objects_of, text_of
from conversations.providers.whatsapp import contents, parties
from conversations.providers.whatsapp.refusals import explained
from conversations.reasons import Reason

Item = dict[str, Any]
# Fields of a webhook that tell of the account and not of a customer.
ACCOUNT_FIELDS = (
    "account_alerts",
    "account_review_update",
    "account_update",
    "business_capability_update",
    "phone_number_quality_update",
    "message_template_status_update",
    "message_template_quality_update",
    "template_category_update",
    "security",
)
STATUSES = {"sent": "sent", "delivered": "delivered", "read": "read", "played": "read", "failed": "failed"}


def parse(raw: bytes) -> list[AnyHappening]:
    """Everything that a delivery tells; raises Refused for what is not a JSON object."""
    return [
        happening
        for entry in objects_of(decoded(raw).get("entry"))
        for change in objects_of(entry.get("changes"))
        for happening in of_change(change, entry)
    ]


def of_change(change: Item, entry: Item) -> Iterator[AnyHappening]:
    """What one change tells. A part that can't be read is an Unknown, and the others are read all the same."""
    field, value = text_of(change.get("field")), object_of(change.get("value"))
    account = text_of(object_of(value.get("metadata")).get("phone_number_id"))
    if field in ACCOUNT_FIELDS:
        yield news_of(field, value, entry)
        return
    parts: list[tuple[Callable[[Item, Item, str], AnyHappening], list[Item], str]] = [
        (message_of, objects_of(value.get("messages")), "message"),
        (status_of, objects_of(value.get("statuses")), "status"),
        (renamed_of, objects_of(value.get("user_id_update")), "user_id_update"),
        (trouble_of, objects_of(value.get("errors")), "error"),
    ]
    for read, items, kind in parts:
        for item in items:
            yield attempted(read, item, value, account, kind)
    if not any(items for _read, items, _kind in parts):
        yield unknown(field or "change", value, account)


def attempted(
    read: Callable[[Item, Item, str], AnyHappening], item: Item, value: Item, account: str, kind: str
) -> AnyHappening:
    """Meta changes shapes without asking: what breaks a reader is kept for people instead of stopping the batch."""
    try:
        return read(item, value, account)
    except (AttributeError, KeyError, TypeError, ValueError):
        return unknown(kind, item, account)


def unknown(kind: str, body: Item, account: str) -> Unknown:
    return Unknown(id=digest(body), kind=kind, body=body, account=account)


# --- what customers do ------------------------------------------------------------------------------------------------


def message_of(item: Item, value: Item, account: str) -> AnyHappening:
    """One of `messages[]`: something written, or something done to what was written."""
    kind = text_of(item.get("type"))
    common = {"account": account, "at": moment_of(item.get("timestamp")), "id": needed(item, "id")}
    party = parties.writer(item, value)
    match kind:
        case "reaction":
            return Reacted(
                **common,
                party=party,
                target=needed(item["reaction"], "message_id"),
                emoji=text_of(item["reaction"].get("emoji"), 32),
            )
        case "edit":
            edit = item["edit"]
            text = contents.caption_of(object_of(edit.get("message")))
            return Edited(**common, party=party, target=needed(edit, "original_message_id"), text=text)
        case "revoke":
            return Revoked(**common, party=party, target=needed(item["revoke"], "original_message_id"))
        case "system":
            return system_of(item, party, common)
    return written_of(item, kind, party, common)


def written_of(item: Item, kind: str, party: Party, common: Item) -> InboundMessage:
    content = contents.content_of(kind, item)
    context = object_of(item.get("context"))
    more = {key: context[key] for key in ("forwarded", "frequently_forwarded") if context.get(key) is True}
    if referral := object_of(item.get("referral")):
        more["referral"] = {key: text_of(value, 500) for key, value in referral.items() if isinstance(value, str)}
    return InboundMessage(
        **common,
        party=party,
        kind=content.kind,
        text=content.text,
        media=content.media,
        reply_to="" if more.get("forwarded") else text_of(context.get("id"), 200),
        metadata={**content.metadata, **more},
    )


def system_of(item: Item, party: Party, common: Item) -> AnyHappening:
    """A customer's number changed; any other word of the system is shown as it came."""
    told = object_of(item.get("system"))
    number = text_of(told.get("new_wa_id") or told.get("wa_id"), 32)
    if "changed_number" not in text_of(told.get("type")) or not number:
        return written_of(item, "system", party, common)
    now = parties.known_by_phone(number)
    return ProfileChanged(**common, before=party.identities, party=now)


def renamed_of(item: Item, value: Item, account: str) -> AnyHappening:
    """A customer's BSUID changed, since they have another phone number now."""
    old, new = object_of(item.get("user_id")), object_of(item.get("user_id_update"))
    before = text_of(item.get("previous_user_id") or old.get("previous") or item.get("old_user_id"), 160)
    after = text_of(item.get("current_user_id") or old.get("current") or new.get("user_id"), 160)
    if not before or not after:
        return unknown("user_id_update", item, account)
    party = Party(identities=tuple(parties.identities(text_of(item.get("wa_id")), after)))
    known = (Identity(identifier=parties.bsuid(before), address=before),)
    return ProfileChanged(
        id=digest(item), account=account, at=moment_of(item.get("timestamp")), before=known, party=party
    )


# --- what became of ours, and of the account --------------------------------------------------------------------------


def status_of(item: Item, value: Item, account: str) -> AnyHappening:
    """One of `statuses[]`. A state that we don't know is kept as an Unknown."""
    state = STATUSES.get(text_of(item.get("status")))
    if state is None:
        return unknown("status", item, account)
    errors = objects_of(item.get("errors"))
    code, reason = explained(errors[0]) if errors else (0, Reason(""))
    return Status.model_validate(
        {
            "account": account,
            "at": moment_of(item.get("timestamp")),
            "id": needed(item, "id"),
            "status": state,
            "code": code,
            "reason": reason.code,
            "error": str(reason),
            "our_id": text_of(item.get("biz_opaque_callback_data"), 64),
        }
    )


def trouble_of(item: Item, value: Item, account: str) -> AnyHappening:
    """One of `errors[]`: something is wrong with the account or the app."""
    _code, reason = explained(item)
    return AccountNews(id=digest({**item, "value": value}), account=account, reason="trouble", error=str(reason))


def news_of(field: str, value: Item, entry: Item) -> AccountNews:
    """A change that tells of the account: its quality and limit, a template, a ban."""
    facts: Item = {}
    event = text_of(value.get("event"), 60)
    if field == "phone_number_quality_update":
        facts = {"quality_event": event, "limit": text_of(value.get("current_limit"), 40)}
    if field == "account_update":
        facts = {"account_event": event}
    banned = event in ("DISABLED_UPDATE", "ACCOUNT_RESTRICTION", "ACCOUNT_DELETED", "PARTNER_REMOVED")
    return AccountNews(
        id=digest({"field": field, "value": value, "time": entry.get("time")}),
        at=moment_of(entry.get("time")),
        facts=facts,
        business=text_of(entry.get("id"), 32),
        number=digits_of(value.get("display_phone_number") or value.get("phone_number")),
        templates_changed="template" in field,
        reason="account_blocked" if banned else "",
        error=event if banned else "",
        pauses=banned,
    )


def needed(item: Item, name: str) -> str:
    """A provider's id; raises ValueError where it is missing or no id."""
    value = item[name]
    if not isinstance(value, str) or not 0 < len(value) <= 200:  # noqa: PLR2004 - the column's width
        raise ValueError(name)
    return value
