from typing import Any

from django.db import migrations, models


def note_webhooks(apps: Any, _editor: Any) -> None:
    """Say of the calls there are by whom they are answered; only webhooks have deliveries."""
    apps.get_model("orchestrator", "Call").objects.filter(deliveries__isnull=False).update(
        by="webhook"
    )


class Migration(migrations.Migration):
    dependencies = [
        ("orchestrator", "0012_python_controllers"),
    ]

    operations = [
        migrations.AddField(
            model_name="call",
            name="by",
            field=models.CharField(default="python", max_length=10),
        ),
        migrations.AddField(
            model_name="call",
            name="left_seconds",
            field=models.FloatField(blank=True, null=True),
        ),
        migrations.AddIndex(
            model_name="call",
            index=models.Index(fields=["run", "by", "state"], name="call_by_state"),
        ),
        migrations.RunPython(note_webhooks, migrations.RunPython.noop),
    ]
