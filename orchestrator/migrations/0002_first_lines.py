"""The queues that exist from the start."""

from django.db import migrations

FIRST = {
    "default": "Steps run here unless they name another queue.",
    "services": "Long-lived controllers; its agents never hold a step's slot.",
}


def make_first_lines(apps, schema_editor):
    line = apps.get_model("orchestrator", "Line")
    for name, description in FIRST.items():
        line.objects.get_or_create(kind="queue", name=name, defaults={"description": description})


class Migration(migrations.Migration):
    dependencies = [("orchestrator", "0001_initial")]
    operations = [migrations.RunPython(make_first_lines, migrations.RunPython.noop)]
