from typing import Any

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def leave_room(_apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """A head moves with every event: with free space in its page, a new version of the row stays there (HOT)."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("ALTER TABLE realtime_stream SET (fillfactor = 20, autovacuum_vacuum_threshold = 1000)")


class Migration(migrations.Migration):
    dependencies: list[Any] = [("realtime", "0001_initial")]

    operations: list[Any] = [migrations.RunPython(leave_room, migrations.RunPython.noop)]
