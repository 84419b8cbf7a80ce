"""A bot that repeats to each customer what they wrote: once, however often it or the server is restarted.

    python echo_bot.py --url http://localhost:8010 --username agent --password niochat-demo

Ctrl-C or SIGTERM ends it in good order. Who says the same thing again and again is taken for another bot, such as one
that says that somebody is on holiday, and left alone until it says something else.

Two things make it so. The position is kept in a file after each event that has been dealt with, so a restart goes on
there. And an answer's `client_message_id` is made from the message that it answers, so that answering again (the bot
died between answering and keeping that) is the same answer to the server.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import signal
import sys
from contextlib import suppress

from niochat_client import ChatMessage, FileStore, Message, NioChatClient, NioChatError, Refused, Snapshot

log = logging.getLogger("echo_bot")

# Too long ago to answer now, where we had to begin anew from a snapshot: only what still waits is looked at.
LOOK_BACK = 20
# So often in a row nobody means the same words to be repeated.
MOST_ALIKE = 5


class Parrots:
    """Tells who only says our own words back to us."""

    def __init__(self) -> None:
        self.said: dict[int, tuple[str, int]] = {}

    def hear(self, message: Message) -> bool:
        """Whether this is one repetition too many."""
        before, times = self.said.get(message.conversation_id, ("", 0))
        times = times + 1 if message.content == before else 1
        self.said[message.conversation_id] = message.content, times
        return times > MOST_ALIKE


async def answer(client: NioChatClient, message: Message) -> None:
    """Repeat what a customer wrote; a conversation that is closed by now is left alone."""
    if message.sender != "customer" or message.deleted_at or not message.content:
        return
    try:
        await client.send_message(message.conversation_id, message.content, client_message_id=f"echo-{message.id}")
    except Refused as refused:
        log.warning("message %s is not answered: %s", message.id, refused)


async def look_again(client: NioChatClient, snapshot: Snapshot) -> None:
    """Events are gone that we have not seen: whoever waits may wait for us."""
    for conversation in snapshot.conversations:
        if conversation.status == "waiting":
            for message in await client.rest.messages(conversation.id, limit=LOOK_BACK):
                await answer(client, message)


async def work(client: NioChatClient) -> None:
    parrots = Parrots()
    async for event in client:
        match event:
            case ChatMessage(message=Message(sender="customer") as message):
                if not parrots.hear(message):
                    await answer(client, message)
            case Snapshot():
                await look_again(client, event)


def end_on_sigterm() -> None:
    """As Ctrl-C does: the task is cancelled, and leaves the client by its door."""
    task = asyncio.current_task()
    with suppress(NotImplementedError):  # There is no such signal on Windows.
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel if task else lambda: None)


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", default="http://localhost:8010")
    parser.add_argument("--username", required=True)
    parser.add_argument("--password", required=True)
    parser.add_argument("--position", default="echo_bot.position", help="the file that remembers how far we are")
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO)
    end_on_sigterm()
    store = FileStore(given.position)
    async with NioChatClient(given.url, username=given.username, password=given.password, store=store) as client:
        await work(client)


if __name__ == "__main__":
    try:
        with suppress(KeyboardInterrupt, asyncio.CancelledError):
            asyncio.run(main())
    except NioChatError as problem:
        sys.exit(f"echo_bot: {problem}")
