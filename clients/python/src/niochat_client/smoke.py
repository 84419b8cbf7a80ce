"""`python -m niochat_client.smoke --url … --username … --password …`: connect, send, read, and say so.

Writes a private note, which no customer sees, into the newest conversation (or the one named), waits until it comes
back as an event, reads it over REST too, and deletes it again. The exit code is 0 only if all of that worked.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
import time
from collections.abc import Sequence
from uuid import uuid4

import httpx

from niochat_client.backoff import Backoff
from niochat_client.client import NioChatClient, Sent
from niochat_client.errors import NioChatError
from niochat_client.events import ChatMessage

WITHIN_S = 30.0


class Broken(NioChatError):
    """A step did not do what it should."""


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


async def smoke(client: NioChatClient, conversation_id: int | None) -> None:
    """Each step says what it saw."""
    await client.ready()
    say(f"connected: user {client.me['user_id']}, {client.me['role']} of tenant {client.me['tenant_id']}")
    conversation_id = conversation_id or await newest(client)
    text = f"Smoke test {uuid4().hex[:8]}"
    began = time.monotonic()
    sent = await client.send_message(conversation_id, text, private=True)
    say(f"sent: note {sent.message_id} in conversation {conversation_id}, {ms_since(began)} ms")
    await seen(client, sent, text)
    say(f"heard: the same note as an event, {ms_since(began)} ms after sending")
    rows = await client.rest.messages(conversation_id)
    if not any(row.id == sent.message_id and row.content == text for row in rows):
        raise Broken("The note is not among the conversation's messages.")
    say("read: the note is in the conversation's history")
    await client.delete_message(sent.message_id)
    say("cleaned up: the note is deleted")


async def newest(client: NioChatClient) -> int:
    page = await client.rest.conversations(limit=1)
    if not page:
        raise Broken("There is no conversation to write to; begin one, or name one by --conversation.")
    return page[0].id


async def seen(client: NioChatClient, sent: Sent, text: str) -> None:
    async for event in client:
        if isinstance(event, ChatMessage) and event.message.id == sent.message_id:
            if event.message.content != text:
                raise Broken("The event's text is not what was sent.")
            return


def ms_since(began: float) -> int:
    return round((time.monotonic() - began) * 1000)


async def run(given: argparse.Namespace) -> int:
    who = {"token": given.token} if given.token else {"username": given.username, "password": given.password}
    try:
        async with asyncio.timeout(given.timeout):
            async with NioChatClient(given.url, tenant=given.tenant, backoff=Backoff(attempts=3), **who) as client:
                await smoke(client, given.conversation)
    except TimeoutError:
        say(f"FAILED: not done within {given.timeout:.0f} s")
        return 1
    except (NioChatError, httpx.HTTPError, ValueError, TypeError) as problem:
        say(f"FAILED: {problem}")
        return 1
    say("OK")
    return 0


def arguments(given: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m niochat_client.smoke", description="Does this NioChat work?")
    parser.add_argument("--url", required=True, help="as in https://chat.example.com")
    parser.add_argument("--username")
    parser.add_argument("--password")
    parser.add_argument("--tenant", help="the company's slug, for a user of several")
    parser.add_argument("--token", help="a client key, in place of name and password")
    parser.add_argument("--conversation", type=int, help="write here, not to the newest one")
    parser.add_argument("--timeout", type=float, default=WITHIN_S, help="seconds (default %(default).0f)")
    parser.add_argument("--verbose", action="store_true", help="log what the connection does")
    return parser.parse_args(given)


def main() -> None:
    given = arguments()
    logging.basicConfig(level=logging.INFO if given.verbose else logging.ERROR)
    sys.exit(asyncio.run(run(given)))


if __name__ == "__main__":
    main()
