"""How new each person's reaction is at the provider: an older report changes nothing."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("conversations", "0008_deliveries_apart")]
    operations = [migrations.AddField("message", "reacted", models.JSONField(default=dict, editable=False))]
