from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("orchestrator", "0017_configuration_of_templates"),
    ]

    operations = [
        migrations.AddField(
            model_name="task",
            name="scopes",
            field=models.JSONField(blank=True, null=True),
        ),
    ]
