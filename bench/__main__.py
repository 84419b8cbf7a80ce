"""`python -m bench [--quick] [SECTION …]`: measure against a PostgreSQL and a Redis, started here if none is named."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from contextlib import nullcontext
from datetime import UTC, datetime

from bench.processes import ROOT
from tools.services import services


def main() -> None:
    quick = "--quick" in sys.argv
    sys.path.append(str(ROOT / "clients" / "python" / "src"))
    given = "DATABASE_URL" in os.environ and "REDIS_URL" in os.environ
    running = nullcontext(dict(os.environ)) if given else services(chromium=False)
    with running as found, tempfile.TemporaryDirectory() as here:
        settings = {
            "SECRET_KEY": "only for measuring: 0123456789abcdef",
            "VAR_DIR": here,
            "SECURE": "0",
            "LOG_LEVEL": "WARNING",
        }
        os.environ |= {**found, **settings, "DEBUG": "0", "DJANGO_SETTINGS_MODULE": "niochat.settings"}
        subprocess.run([sys.executable, "manage.py", "migrate", "-v", "0"], cwd=ROOT, check=True)
        measure(quick=quick)


def measure(*, quick: bool) -> None:
    import django

    django.setup()
    from django.conf import settings

    from bench.sections import SECTIONS

    settings.ALLOWED_HOSTS = ["*"]
    wanted = [argument for argument in sys.argv[1:] if not argument.startswith("-")] or list(SECTIONS)
    print(
        f"NioChat, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {os.cpu_count()} cores{', quick' if quick else ''}",
        flush=True,
    )
    for name in wanted:
        print(f"\n[{name}]", flush=True)
        for line in SECTIONS[name](dict(os.environ), quick=quick):
            print(line, flush=True)


if __name__ == "__main__":
    main()
