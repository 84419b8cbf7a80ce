"""What `search` needs on PostgreSQL: trigram indexes for ILIKE. SQLite scans, which its size allows."""

from django.db import migrations

STATEMENTS = [
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    "CREATE INDEX message_search ON conversations_message USING gin (UPPER(content) gin_trgm_ops)",
    "CREATE INDEX contact_search_name ON conversations_contact USING gin (UPPER(name) gin_trgm_ops)",
    "CREATE INDEX contact_search_phone ON conversations_contact USING gin (UPPER(phone) gin_trgm_ops)",
    "CREATE INDEX contact_search_email ON conversations_contact USING gin (UPPER(email) gin_trgm_ops)",
]
UNDO = [
    "DROP INDEX contact_search_email",
    "DROP INDEX contact_search_phone",
    "DROP INDEX contact_search_name",
    "DROP INDEX message_search",
]


def run(statements):
    def on_postgresql(apps, schema_editor):
        if schema_editor.connection.vendor == "postgresql":
            for statement in statements:
                schema_editor.execute(statement)

    return on_postgresql


class Migration(migrations.Migration):
    dependencies = [("conversations", "0001_initial")]
    operations = [migrations.RunPython(run(STATEMENTS), run(UNDO))]
