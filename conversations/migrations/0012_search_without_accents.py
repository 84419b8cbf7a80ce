"""`search` finds `São` by `sao`: on PostgreSQL a function, and the trigram indexes over what it makes of the texts."""

from django.db import migrations

FUNCTION = r"""
    CREATE FUNCTION niochat_plain(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN lower(regexp_replace(normalize($1, NFD), '[\u0300-\u036f]', '', 'g'))
"""
INDEXES = {
    "message_search": ("conversations_message", "content"),
    "contact_search_name": ("conversations_contact", "name"),
    "contact_search_email": ("conversations_contact", "email"),
}


def index(name, expression):
    table, column = INDEXES[name]
    return f"CREATE INDEX {name} ON {table} USING gin ({expression}({column}) gin_trgm_ops)"


def on_postgresql(*statements):
    def run(apps, schema_editor):
        if schema_editor.connection.vendor == "postgresql":
            for statement in statements:
                schema_editor.execute(statement)

    return run


OLD = [f"DROP INDEX {name}" for name in INDEXES]
THERE = on_postgresql(FUNCTION, *OLD, *(index(name, "niochat_plain") for name in INDEXES))
BACK = on_postgresql(*OLD, *(index(name, "UPPER") for name in INDEXES), "DROP FUNCTION niochat_plain(text)")


class Migration(migrations.Migration):
    dependencies = [("conversations", "0011_what_is_unread_and_in_use")]
    operations = [migrations.RunPython(THERE, BACK)]
