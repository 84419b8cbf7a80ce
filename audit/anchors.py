"""The heads of all chains, written down outside the database every hour.

Whoever can write the database can rewrite a whole chain with fresh hashes; not so what stands in a file that only grows
(ship it, or the log lines, to another machine). One JSON object a line: tenant, number, hash, at.
"""

from __future__ import annotations

import json
import logging
import os
from collections import defaultdict
from pathlib import Path

from django.conf import settings
from django.db.models import F

from accounts.clock import now
from audit.models import AuditChain
from realtime.events import iso

logger = logging.getLogger("audit")


def anchor_file() -> Path:
    return Path(settings.VAR_DIR) / "audit-anchors.jsonl"


def anchor_heads() -> int:
    """Write down each chain's head that has moved since the last time; says how many."""
    moved = list(AuditChain.objects.filter(number__gt=F("anchored")).order_by("tenant_id"))
    at = iso(now())
    lines = [
        json.dumps({"tenant": chain.tenant_id, "number": chain.number, "hash": chain.head, "at": at}) for chain in moved
    ]
    if lines:
        append("".join(f"{line}\n" for line in lines))
    for chain in moved:
        logger.info("audit chain of tenant %s stands at %s, %s", chain.tenant_id, chain.number, chain.head)
        AuditChain.objects.filter(pk=chain.pk, anchored__lt=chain.number).update(anchored=chain.number)
    return len(moved)


def append(text: str) -> None:
    """Add to the file in one write, and see it onto the disk."""
    number = os.open(anchor_file(), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(number, text.encode())
        os.fsync(number)
    finally:
        os.close(number)


def read_anchors() -> dict[int, dict[int, str]]:
    """The kept hashes: by tenant, then by number. Of two for one number the first counts."""
    kept: defaultdict[int, dict[int, str]] = defaultdict(dict)
    if not anchor_file().exists():
        return kept
    for line in anchor_file().read_text().splitlines():
        entry = json.loads(line)
        kept[entry["tenant"]].setdefault(entry["number"], entry["hash"])
    return kept
