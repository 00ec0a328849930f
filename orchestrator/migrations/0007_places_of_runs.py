import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("orchestrator", "0006_equal_tasks"),
    ]

    operations = [
        migrations.AddField(
            model_name="run",
            name="line",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="runs",
                to="orchestrator.line",
            ),
        ),
        migrations.AddField(
            model_name="run",
            name="key",
            field=models.CharField(blank=True, db_index=True, default="", max_length=200),
        ),
    ]
