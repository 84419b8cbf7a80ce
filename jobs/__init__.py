"""Work for later: leased rows, a worker, a schedule.

    @task("conversations.deliver")
    def deliver(message_id: int) -> None: ...          # in an app's tasks.py, found by itself

    later("conversations.deliver", message.pk)         # in an action's transaction

A job runs at least once: again when it raises, and again when its process was killed. So it must be harmless to repeat.
"""

from jobs.queue import later, wake
from jobs.registry import GiveUp, every, task

__all__ = ["GiveUp", "every", "later", "task", "wake"]
