"""The product's settings as the tests run them: the environment first, then the few values that only tests change."""

import atexit
import os
import shutil
import tempfile

worker = os.environ.get("PYTEST_XDIST_WORKER", "")
os.environ["SECRET_KEY"] = "only for tests: 0123456789abcdef0123456789abcdef"
os.environ["VAR_DIR"] = tempfile.mkdtemp(prefix="niochat-tests-")
os.environ["DEBUG"] = "0"
os.environ["SECURE"] = "0"
# Two workers that shared a Redis would hear each other's streams, so each has one of its own.
os.environ["REDIS_URL"] = os.environ.get(f"REDIS_URL_{worker.upper()}", os.environ.get("REDIS_URL", ""))

from niochat.settings import *  # noqa: E402, F403
from niochat.settings import DATABASES, USES_POSTGRES, VAR_DIR  # noqa: E402

ALLOWED_HOSTS = ["localhost", "127.0.0.1", "testserver"]
# Argon2 is slow on purpose; a test of ours looks that the product uses it.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# The tests' providers are simulators on this machine.
PROVIDERS_ON_LOOPBACK = True
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
if not USES_POSTGRES:
    # A file, because threads and event loops share it; no fsync, because nobody will miss it.
    DATABASES["default"]["TEST"] = {"NAME": str(VAR_DIR / "tests.sqlite3")}
    DATABASES["default"]["OPTIONS"]["init_command"] = (
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; PRAGMA foreign_keys=ON;"
    )

# Uploads and the SQLite file of this process lie in one folder, which goes with it.
atexit.register(shutil.rmtree, VAR_DIR, ignore_errors=True)

# Nothing is collected for a test run; the folder that whitenoise looks for is there and empty.
STATIC_ROOT = VAR_DIR / "static"
STATIC_ROOT.mkdir()
