"""PostgreSQL itself refuses to change or remove audit records.

Only `SET LOCAL niochat.maintenance = 'on'` opens the table, for the rest of one transaction: a restore, or the tests' flush.
"""

from django.db import migrations

REFUSE = """
    CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF current_setting('niochat.maintenance', true) IS DISTINCT FROM 'on' THEN
            RAISE EXCEPTION 'audit records are only ever added' USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NULL;
    END $$;
    CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_auditrecord
        FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only();
"""
ALLOW = """
    DROP TRIGGER audit_append_only ON audit_auditrecord;
    DROP FUNCTION audit_is_append_only();
"""


def on_postgresql(sql):
    def run(apps, schema_editor):
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(sql)

    return run


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [migrations.RunPython(on_postgresql(REFUSE), on_postgresql(ALLOW))]
