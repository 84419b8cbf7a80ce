"""A client comes back: send what it missed between its cursors and now, or say what can't be served."""

from __future__ import annotations

from collections.abc import Mapping

from realtime import metrics, sync, wire
from realtime.events import Resumed, Resync
from realtime.follower import Follower
from realtime.sync import Mark
from realtime.threads import reading

# Further behind than this, a snapshot is less to read than the log.
MISSED_MOST = 20_000


def lost_streams(cursors: Mapping[str, int], marks: Mapping[str, Mark]) -> list[str]:
    """The streams whose cursors can't be served: none given, from another life, pruned away, or too far behind."""
    return [name for name, mark in marks.items() if not served(cursors.get(name, -1), mark)]


def served(cursor: int, mark: Mark) -> bool:
    return mark.floor <= cursor <= mark.head <= cursor + MISSED_MOST


class CatchUp:
    """One resumption of one socket. Frames that arrive meanwhile are held back and follow."""

    def __init__(self, follower: Follower, epoch: str, request_id: str | int | None = None) -> None:
        self.follower, self.epoch, self.request_id = follower, epoch, request_id

    async def run(self, epoch: str, cursors: Mapping[str, int]) -> None:
        """Send `resync` for what is lost, everything missed of the rest, then `resumed`; then go on live."""
        metrics.resumes.labels(self.follower.family).inc()
        until = self.follower.hold()
        lost = list(until)
        if epoch == self.epoch:
            lost = lost_streams(cursors, await reading.run(sync.marks, list(until)))
        if lost:
            self.answer(Resync(streams=lost, epoch=self.epoch, cursors={name: until[name] for name in lost}))
        after = {name: cursors[name] for name in until if name not in lost}
        await self.send_missed(after, until)
        while self.follower.spilled:
            after, until = {**until}, self.follower.hold()
            await self.send_missed(after, until)
        if len(lost) < len(until):
            self.answer(Resumed(cursors=until))
        self.follower.release()

    async def send_missed(self, after: Mapping[str, int], until: Mapping[str, int]) -> None:
        for stream, start in after.items():
            reached = start
            while reached < until[stream] and self.follower.outlet.is_open:
                events = await reading.run(sync.page, stream, reached, until[stream])
                if not events:  # Pruned while we were reading.
                    self.answer(Resync(streams=[stream], epoch=self.epoch, cursors={stream: until[stream]}))
                    break
                reached = events[-1].seq
                self.follower.outlet.write(self.follower.outlet.form([event.body.encode() for event in events]))
                await self.follower.outlet.room()

    def answer(self, event: Resumed | Resync) -> None:
        self.follower.outlet.send(wire.answer(event, self.request_id))
