"""The usual Channels design: daphne, channels_redis' core layer, group_send to a consumer per socket. The settings."""

import os

SECRET_KEY = os.environ.get("SECRET_KEY", "bench")
ALLOWED_HOSTS = ["*"]
INSTALLED_APPS = ["channels"]
DATABASES: dict[str, object] = {}
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.core.RedisChannelLayer",
        "CONFIG": {"hosts": [{"address": os.environ.get("REDIS_URL", ""), "socket_timeout": None}], "capacity": 10_000},
    }
}
USE_TZ = True
