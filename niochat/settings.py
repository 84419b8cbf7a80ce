"""All configuration, read from the environment, safe by default.

Every value that an operator may set is read by `option`, which keeps its default and meaning for the README's table.
"""

from __future__ import annotations

import secrets
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from niochat.configuration import env, option

BASE_DIR = Path(__file__).resolve().parent.parent

DEBUG = option(
    env.bool, "DEBUG", False, "Developer's mode: detailed error pages, demo data allowed. Never in production."
)
VAR_DIR = Path(
    option(
        env.str,
        "VAR_DIR",
        str(BASE_DIR / "var"),
        "Folder for what a running product keeps: SQLite, uploads.",
        shown="./var",
    )
)
VAR_DIR.mkdir(parents=True, exist_ok=True)


def secret_key() -> str:
    """The signing key: from the environment, or in developer's mode from a file made at the first start."""
    key = option(
        env.str, "SECRET_KEY", "", "Signs sessions, tokens and links; at least 32 random bytes. Required unless DEBUG."
    )
    if key:
        return str(key)
    if not DEBUG:
        raise ImproperlyConfigured("Set SECRET_KEY to at least 32 random bytes (or DEBUG=1 on your own machine).")
    kept = VAR_DIR / "secret_key"
    if not kept.exists():
        made = VAR_DIR / f"secret_key.{secrets.token_hex(8)}"
        made.touch(mode=0o600)
        made.write_text(secrets.token_urlsafe(48))
        with suppress(FileExistsError):  # Of two commands that begin together the first one's stands, whole.
            kept.hardlink_to(made)
        made.unlink()
    return kept.read_text()


SECRET_KEY = secret_key()
SECRET_KEY_FALLBACKS = option(
    env.list, "SECRET_KEY_FALLBACKS", [], "Older signing keys that are still accepted, for rotation."
)
ENCRYPTION_KEYS = option(
    env.list, "ENCRYPTION_KEYS", [], "Keys that seal stored secrets, newest first; empty: derived from SECRET_KEY."
)
ALLOWED_HOSTS = option(
    env.list,
    "ALLOWED_HOSTS",
    ["localhost", "127.0.0.1", "[::1]"],
    "Host names that the product answers to; `*` is refused unless DEBUG.",
)
if "*" in ALLOWED_HOSTS and not DEBUG:
    raise ImproperlyConfigured("ALLOWED_HOSTS must name your hosts; '*' is accepted only with DEBUG=1.")
PUBLIC_URL = option(
    env.str, "PUBLIC_URL", "http://localhost:8010", "Where browsers reach the product; stands in links that it sends."
).rstrip("/")
TRUSTED_PROXIES = option(
    env.int, "TRUSTED_PROXIES", 0, "How many proxies in front add to X-Forwarded-For; 0 ignores the header."
)
ALLOWED_ORIGINS = option(
    env.list,
    "ALLOWED_ORIGINS",
    env.list("WEBSOCKET_ALLOWED_ORIGINS", default=[]),
    "Origins of foreign front ends, for CORS and Socket.IO (`WEBSOCKET_ALLOWED_ORIGINS` is read too). "
    "With DEBUG, any localhost port.",
    shown="",
)

INSTALLED_APPS = [
    "niochat",  # First: its `runserver` is Daphne's with a worker.
    "daphne",
    "accounts.backoffice.apps.BackofficeConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "channels",
    "corsheaders",
    "csp",
    "rest_framework",
    "drf_standardized_errors",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "accounts",
    "jobs",
    "realtime",
    "audit",
    "conversations",
    "dashboard",
]

MIDDLEWARE = [
    "niochat.middleware.RequestContext",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "niochat.middleware.Compressed",
    "niochat.middleware.OptionalSlash",
    "niochat.middleware.KeptNowhere",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "niochat.language.Language",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
]

ROOT_URLCONF = "niochat.urls"
ASGI_APPLICATION = "niochat.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
            ]
        },
    }
]

# --- data -----------------------------------------------------------------------------------------------------------

DATABASE_URL = option(
    env.str,
    "DATABASE_URL",
    f"sqlite:///{VAR_DIR}/niochat.sqlite3",
    "PostgreSQL in production (`postgresql://…`); SQLite for one process.",
    shown="sqlite:///VAR_DIR/niochat.sqlite3",
)
DATABASES: dict[str, Any] = {"default": environ.Env.db_url_config(DATABASE_URL)}
DATABASE_POOL = option(env.int, "DATABASE_POOL", 10, "Most PostgreSQL connections that one process holds.")
USES_POSTGRES = "postgresql" in DATABASES["default"]["ENGINE"]
if USES_POSTGRES:
    DATABASES["default"]["OPTIONS"] = {
        "pool": {"min_size": 1, "max_size": DATABASE_POOL, "timeout": 3},
        "options": "-c statement_timeout=15000 -c idle_in_transaction_session_timeout=30000",
    }
else:
    # Threads live long and requests are short: opening the file anew costs more than most of what is asked of it.
    DATABASES["default"]["CONN_MAX_AGE"] = None
    # FULL, not NORMAL: a power cut may not take back a commit whose number a client has already seen.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
    }
DATABASES["default"]["ATOMIC_REQUESTS"] = False
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = option(
    env.str, "REDIS_URL", "", "Redis that joins several processes; empty: the in-process bus, one process."
)
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "realtime.layer.NioChannelLayer",
        "CONFIG": {"bus": REDIS_URL or "memory://"},
    }
}
CACHES = {
    "default": (
        {
            "BACKEND": "niochat.caches.ForgivingRedisCache",
            "LOCATION": REDIS_URL,
            # A Redis that does not answer must not hold up requests; see the layer's own limit.
            "OPTIONS": {"socket_timeout": 0.2, "socket_connect_timeout": 0.2},
        }
        if REDIS_URL
        else {"BACKEND": "niochat.caches.LocalCache", "LOCATION": "niochat"}
    )
}
SOCKETIO_PROCESS = option(
    env.str,
    "SOCKETIO_PROCESS",
    "",
    "Name of this process in Socket.IO's session ids (letters and digits): where there are several, the proxy sends "
    "a session's polls to its own by it.",
)
EVENTS_KEPT_DAYS = option(env.int, "EVENTS_KEPT_DAYS", 7, "For how many days a client may resume from an old cursor.")
MEDIA_ROOT = VAR_DIR / "media"
ATTACHMENT_MAX_BYTES = option(env.int, "ATTACHMENT_MAX_BYTES", 25 * 2**20, "Largest attachment, in bytes.")
ATTACHMENT_QUOTA_BYTES = option(
    env.int, "ATTACHMENT_QUOTA_BYTES", 10 * 2**30, "All attachments of one tenant together, in bytes."
)
WHATSAPP_GRAPH_URL = option(
    env.str, "WHATSAPP_GRAPH_URL", "https://graph.facebook.com", "Where WhatsApp's Cloud API is."
)
WHATSAPP_GRAPH_VERSION = option(env.str, "WHATSAPP_GRAPH_VERSION", "v23.0", "Version of the Cloud API's addresses.")
TELEGRAM_API_URL = option(env.str, "TELEGRAM_API_URL", "https://api.telegram.org", "Where Telegram's Bot API is.")
EVOLUTION_URL = option(
    env.str,
    "EVOLUTION_URL",
    "",
    "The platform's own Evolution API, for WhatsApp by QR code; an inbox may name another.",
)
EVOLUTION_API_KEY = option(env.str, "EVOLUTION_API_KEY", "", "The key of the platform's Evolution API.")
WAHA_URL = option(
    env.str, "WAHA_URL", "", "The platform's own WAHA, for WhatsApp by QR code; an inbox may name another."
)
WAHA_API_KEY = option(env.str, "WAHA_API_KEY", "", "The key of the platform's WAHA.")
PROVIDER_HOSTS = option(
    env.list,
    "PROVIDER_HOSTS",
    [],
    "Providers' hosts inside the own network that companies may name, as `host:port`; without a port, 80 and 443.",
)
GATEWAY_WEBHOOK_URL = option(
    env.str, "GATEWAY_WEBHOOK_URL", "", "Where gateways reach the product, if that is not PUBLIC_URL."
)
# Simulators answer on a developer's own machine; elsewhere nothing there is a provider's.
PROVIDERS_ON_LOOPBACK = DEBUG
# A provider batches; Meta's deliveries have at most three megabytes.
WEBHOOK_MAX_BYTES = 3 * 2**20
# Larger bodies than this are refused with 413 everywhere but on the upload routes.
DATA_UPLOAD_MAX_MEMORY_SIZE = 2**20
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200

# --- who -------------------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.UsernameOrEmail"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
EMAIL_URL = option(
    env.str,
    "EMAIL_URL",
    "consolemail://" if DEBUG else f"filemail:///{VAR_DIR}/mail",
    "How mail goes out: `smtp+tls://user:password@host:587`, `consolemail://` (printed), `filemail:///folder` (kept).",
    shown="consolemail:// with DEBUG, else files in VAR_DIR/mail",
)
globals().update(environ.Env.email_url_config(EMAIL_URL))
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = option(env.str, "EMAIL_FROM", "NioChat <niochat@localhost>", "Whom our mail comes from.")
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "login"
ACCESS_TOKEN_MINUTES = option(env.int, "ACCESS_TOKEN_MINUTES", 15, "Life of an access token.")
REFRESH_TOKEN_DAYS = option(env.int, "REFRESH_TOKEN_DAYS", 14, "Life of a login that is renewed by refresh tokens.")
SIMPLE_JWT = {
    "ACCESS_TOKEN_LIFETIME": timedelta(minutes=ACCESS_TOKEN_MINUTES),
    "REFRESH_TOKEN_LIFETIME": timedelta(days=REFRESH_TOKEN_DAYS),
    "ALGORITHM": "HS256",
    "SIGNING_KEY": SECRET_KEY,
    "AUDIENCE": "niochat",
    "ISSUER": "niochat",
    "LEEWAY": 0,
    "USER_ID_CLAIM": "user_id",
    "AUTH_HEADER_TYPES": ("Bearer", "Token"),
    "UPDATE_LAST_LOGIN": False,
}
SECURE = option(
    env.bool,
    "SECURE",
    not DEBUG,
    "The product is reached by HTTPS: cookies are marked secure, HSTS is sent.",
    shown="the opposite of DEBUG",
)
SESSION_COOKIE_NAME = "niochat_session"
SESSION_COOKIE_AGE = int(timedelta(hours=12).total_seconds())
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
CSRF_COOKIE_NAME = "niochat_csrf"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "niochat.errors.csrf_failed"
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
X_FRAME_OPTIONS = "DENY"
# The proxy redirects to HTTPS; whether all subdomains speak it is for their owner to say.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W008", "security.W021"]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:", "blob:"],
        "media-src": ["'self'", "blob:"],
        "connect-src": ["'self'"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}
CORS_ALLOWED_ORIGINS = ALLOWED_ORIGINS
CORS_ALLOWED_ORIGIN_REGEXES = [r"^http://(localhost|127\.0\.0\.1)(:\d+)?$"] if DEBUG else []
CORS_ALLOW_CREDENTIALS = True
CORS_EXPOSE_HEADERS = ["X-Total-Count", "Link", "Retry-After", "Idempotent-Replayed"]
# The widget and surveys have rules of their own: any customer's site, never with credentials.
CORS_URLS_REGEX = r"^/(api/(?!v1/(widget|surveys)/)|health/).*$"

# --- HTTP API --------------------------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["accounts.authentication.ActorAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["accounts.permissions_drf.Allowed"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["niochat.parsers.StrictJSONParser"],
    "DEFAULT_THROTTLE_CLASSES": ["niochat.throttling.ActorRate"],
    # `?format=` is a word like any other here, not REST framework's.
    "URL_FORMAT_OVERRIDE": None,
    "DEFAULT_METADATA_CLASS": "niochat.options.MethodsOnly",
    "DEFAULT_SCHEMA_CLASS": "niochat.openapi.Schema",
    "EXCEPTION_HANDLER": "niochat.errors.exception_handler",
    "UNAUTHENTICATED_USER": None,
    "DATETIME_FORMAT": "%Y-%m-%dT%H:%M:%S.%fZ",
    "COERCE_DECIMAL_TO_STRING": False,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "NioChat API",
    "DESCRIPTION": "The helpdesk's REST API. Live events come over `/ws/dashboard/`, described by `/api/v1/asyncapi/`.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    # Left to itself the document would name these by a piece of a hash, which changes when a word is added.
    "ENUM_NAME_OVERRIDES": {
        "RoleEnum": "accounts.models.Membership.Roles",
        "ConversationStatusEnum": ["waiting", "assigned", "active", "snoozed", "closed"],
        "ConversationPriorityEnum": ["low", "normal", "high", "urgent"],
    },
}

# --- language, time, static files ------------------------------------------------------------------------------------

LANGUAGE_CODE = "pt-br"
LANGUAGES = [("pt-br", _("Portuguese (Brazil)")), ("en", _("English")), ("es", _("Spanish"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
LANGUAGE_COOKIE_NAME = "niochat_language"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
# The dashboard follows by the same client that we give to others.
STATICFILES_DIRS = [("niochat-client", BASE_DIR / "clients" / "js" / "src")]
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_AUTOREFRESH = DEBUG
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "niochat.storage.HashedStaticFiles"
    },
}

# --- logs ------------------------------------------------------------------------------------------------------------

LOG_LEVEL = option(env.str, "LOG_LEVEL", "INFO", "Least severity that is logged.")
LOG_FORMAT = option(
    env.str,
    "LOG_FORMAT",
    "console" if DEBUG else "json",
    "`json` (one object a line) or `console`.",
    shown="json; console with DEBUG",
)
LOGGING_CONFIG = "niochat.logs.configure"
LOGGING = {"level": LOG_LEVEL, "format": LOG_FORMAT}
