"""Who has been introduced: a family that is told of a new customer before their first message.

Both are frames of one stream as a rule. Where an inbox is restricted its messages have a stream of their own, and one
stream may be ahead of another: then the message itself introduces its author, and the introduction is not repeated.
"""

from __future__ import annotations

from weakref import WeakValueDictionary

REMEMBERED_MOST = 10_000


class Newcomers:
    """One company's customers since somebody began to listen; those up to `known_to` (an id) were there before."""

    def __init__(self, known_to: int) -> None:
        self.known_to = known_to
        self.introduced: set[int] = set()

    def introduces(self, contact_id: int) -> bool:
        """A customer is new: whether that has still to be told."""
        if contact_id in self.introduced:
            return False
        if len(self.introduced) >= REMEMBERED_MOST:
            self.known_to = max(self.known_to, *self.introduced)
            self.introduced.clear()
        self.introduced.add(contact_id)
        return True

    def meets(self, contact_id: int) -> bool:
        """A customer writes: whether they have to be introduced first."""
        return contact_id > self.known_to and self.introduces(contact_id)


class Strangers(Newcomers):
    """Where nobody listens who would have to be introduced to anybody."""

    def meets(self, contact_id: int) -> bool:
        return False

    def introduces(self, contact_id: int) -> bool:
        return True


# By company, for as long as one of its sockets listens.
BOOKS: WeakValueDictionary[int, Newcomers] = WeakValueDictionary()
NOBODY = Strangers(0)


def newcomers_of(tenant_id: int) -> Newcomers:
    return BOOKS.get(tenant_id, NOBODY)
