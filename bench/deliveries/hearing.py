"""The agents' sockets: when each of them heard of each delivery."""

from __future__ import annotations

import re
import time
from collections import defaultdict

from bench.clients import Crowd

# The moment of sending, in nanoseconds of the clock that all processes of the machine share, within the words.
STAMPED = re.compile(rb"xat:(\d+)\.")
LONGEST = 32


class Ears(Crowd):
    """Every socket is listened to; of each delivery the first frame that holds its words counts."""

    def __init__(self) -> None:
        super().__init__(sampled=1)
        self.known: defaultdict[int, set[int]] = defaultdict(set)
        self.tails: defaultdict[int, bytes] = defaultdict(bytes)

    def time(self, number: int, chunk: bytes) -> None:
        """Note what socket `number` has read; a stamp that is cut by the end of a chunk is found with the next."""
        now, known = time.monotonic_ns(), self.known[number]
        whole = self.tails[number] + chunk
        for stamp in {int(found[1]) for found in STAMPED.finditer(whole)} - known:
            known.add(stamp)
            self.latencies.append((now - stamp) / 1e6)
        self.tails[number] = whole[-LONGEST:]

    def begin(self) -> None:
        """Forget what was heard before."""
        self.known.clear()
        self.latencies = []

    def wait_for(self, count: int, within_s: float) -> int:
        """Wait until so many have been heard; how many were."""
        until = time.monotonic() + within_s
        while len(self.latencies) < count and time.monotonic() < until:
            time.sleep(0.05)
        return len(self.latencies)
