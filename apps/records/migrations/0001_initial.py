import apps.core.database
import apps.core.ids
import apps.core.text
import apps.records.models.saved_views
import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.core.serializers.json
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
import simple_history.models
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("users", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ChoiceSet",
            fields=[
                (
                    "id",
                    models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "key",
                    models.CharField(
                        max_length=40,
                        unique=True,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[a-z][a-z0-9_]{0,39}\\Z",
                                "Use small letters, digits and underscores, a letter first.",
                            )
                        ],
                        verbose_name="Key",
                    ),
                ),
                (
                    "label",
                    apps.core.text.TranslatedTextField(default=apps.core.text.TranslatedText, verbose_name="Label"),
                ),
            ],
            options={
                "verbose_name": "choice list",
                "verbose_name_plural": "choice lists",
                "ordering": ["key"],
            },
        ),
        migrations.CreateModel(
            name="HistoricalChoiceSet",
            fields=[
                ("change_id", models.UUIDField(db_index=True, editable=False, null=True)),
                (
                    "change_source",
                    models.CharField(
                        choices=[
                            ("page", "Page"),
                            ("api", "API"),
                            ("admin", "Admin"),
                            ("import", "Import"),
                            ("rule", "Rule"),
                            ("job", "Job"),
                            ("mail", "Mail"),
                            ("system", "System"),
                        ],
                        default="system",
                        editable=False,
                        max_length=10,
                    ),
                ),
                ("change_request", models.CharField(blank=True, default="", editable=False, max_length=40)),
                ("id", models.UUIDField(db_index=True, default=apps.core.ids.uuid7, editable=False)),
                (
                    "key",
                    models.CharField(
                        db_index=True,
                        max_length=40,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[a-z][a-z0-9_]{0,39}\\Z",
                                "Use small letters, digits and underscores, a letter first.",
                            )
                        ],
                        verbose_name="Key",
                    ),
                ),
                (
                    "label",
                    apps.core.text.TranslatedTextField(default=apps.core.text.TranslatedText, verbose_name="Label"),
                ),
                ("history_user_id", models.UUIDField(editable=False, null=True)),
                ("history_change_reason", models.CharField(blank=True, max_length=500)),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField()),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
            ],
            options={
                "verbose_name": "historical choice list",
                "verbose_name_plural": "historical choice lists",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalObjectType",
            fields=[
                ("change_id", models.UUIDField(db_index=True, editable=False, null=True)),
                (
                    "change_source",
                    models.CharField(
                        choices=[
                            ("page", "Page"),
                            ("api", "API"),
                            ("admin", "Admin"),
                            ("import", "Import"),
                            ("rule", "Rule"),
                            ("job", "Job"),
                            ("mail", "Mail"),
                            ("system", "System"),
                        ],
                        default="system",
                        editable=False,
                        max_length=10,
                    ),
                ),
                ("change_request", models.CharField(blank=True, default="", editable=False, max_length=40)),
                ("id", models.UUIDField(db_index=True, default=apps.core.ids.uuid7, editable=False)),
                (
                    "key",
                    models.CharField(
                        db_index=True,
                        max_length=40,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[a-z][a-z0-9_]{0,39}\\Z",
                                "Use small letters, digits and underscores, a letter first.",
                            )
                        ],
                        verbose_name="Key",
                    ),
                ),
                ("plural", models.SlugField(verbose_name="Word in addresses")),
                (
                    "label",
                    apps.core.text.TranslatedTextField(default=apps.core.text.TranslatedText, verbose_name="Label"),
                ),
                (
                    "label_plural",
                    apps.core.text.TranslatedTextField(
                        default=apps.core.text.TranslatedText, verbose_name="Label, plural"
                    ),
                ),
                ("icon", models.CharField(default="box", max_length=40, verbose_name="Icon")),
                ("history_user_id", models.UUIDField(editable=False, null=True)),
                ("history_change_reason", models.CharField(blank=True, max_length=500)),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField()),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
            ],
            options={
                "verbose_name": "historical object type",
                "verbose_name_plural": "historical object types",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalPack",
            fields=[
                ("change_id", models.UUIDField(db_index=True, editable=False, null=True)),
                (
                    "change_source",
                    models.CharField(
                        choices=[
                            ("page", "Page"),
                            ("api", "API"),
                            ("admin", "Admin"),
                            ("import", "Import"),
                            ("rule", "Rule"),
                            ("job", "Job"),
                            ("mail", "Mail"),
                            ("system", "System"),
                        ],
                        default="system",
                        editable=False,
                        max_length=10,
                    ),
                ),
                ("change_request", models.CharField(blank=True, default="", editable=False, max_length=40)),
                ("id", models.UUIDField(db_index=True, default=apps.core.ids.uuid7, editable=False)),
                (
                    "key",
                    models.CharField(
                        db_index=True,
                        max_length=40,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[a-z][a-z0-9_]{0,39}\\Z",
                                "Use small letters, digits and underscores, a letter first.",
                            )
                        ],
                        verbose_name="Key",
                    ),
                ),
                (
                    "label",
                    apps.core.text.TranslatedTextField(default=apps.core.text.TranslatedText, verbose_name="Label"),
                ),
                (
                    "description",
                    apps.core.text.TranslatedTextField(
                        blank=True, default=apps.core.text.TranslatedText, verbose_name="Description"
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, verbose_name="Version")),
                ("content", models.JSONField(editable=False, encoder=django.core.serializers.json.DjangoJSONEncoder)),
                (
                    "loaded_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="Loaded"),
                ),
                ("history_user_id", models.UUIDField(editable=False, null=True)),
                ("history_change_reason", models.CharField(blank=True, max_length=500)),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField()),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
            ],
            options={
                "verbose_name": "historical pack",
                "verbose_name_plural": "historical packs",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="ObjectType",
            fields=[
                (
                    "id",
                    models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "key",
                    models.CharField(
                        max_length=40,
                        unique=True,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[a-z][a-z0-9_]{0,39}\\Z",
                                "Use small letters, digits and underscores, a letter first.",
                            )
                        ],
                        verbose_name="Key",
                    ),
                ),
                ("plural", models.SlugField(unique=True, verbose_name="Word in addresses")),
                (
                    "label",
                    apps.core.text.TranslatedTextField(default=apps.core.text.TranslatedText, verbose_name="Label"),
                ),
                (
                    "label_plural",
                    apps.core.text.TranslatedTextField(
                        default=apps.core.text.TranslatedText, verbose_name="Label, plural"
                    ),
                ),
                ("icon", models.CharField(default="box", max_length=40, verbose_name="Icon")),
            ],
            options={
                "verbose_name": "object type",
                "verbose_name_plural": "object types",
                "ordering": ["key"],
            },
        ),
        migrations.CreateModel(
            name="Pack",
            fields=[
                (
                    "id",
                    models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "key",
                    models.CharField(
                        max_length=40,
                        unique=True,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[a-z][a-z0-9_]{0,39}\\Z",
                                "Use small letters, digits and underscores, a letter first.",
                            )
                        ],
                        verbose_name="Key",
                    ),
                ),
                (
                    "label",
                    apps.core.text.TranslatedTextField(default=apps.core.text.TranslatedText, verbose_name="Label"),
                ),
                (
                    "description",
                    apps.core.text.TranslatedTextField(
                        blank=True, default=apps.core.text.TranslatedText, verbose_name="Description"
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, verbose_name="Version")),
                ("content", models.JSONField(editable=False, encoder=django.core.serializers.json.DjangoJSONEncoder)),
                (
                    "loaded_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="Loaded"),
                ),
            ],
            options={
                "verbose_name": "pack",
                "verbose_name_plural": "packs",
                "ordering": ["key"],
            },
        ),
        migrations.CreateModel(
            name="HistoricalChoice",
            fields=[
                ("change_id", models.UUIDField(db_index=True, editable=False, null=True)),
                (
                    "change_source",
                    models.CharField(
                        choices=[
                            ("page", "Page"),
                            ("api", "API"),
                            ("admin", "Admin"),
                            ("import", "Import"),
                            ("rule", "Rule"),
                            ("job", "Job"),
                            ("mail", "Mail"),
                            ("system", "System"),
                        ],
                        default="system",
                        editable=False,
                        max_length=10,
                    ),
                ),
                ("change_request", models.CharField(blank=True, default="", editable=False, max_length=40)),
                ("id", models.UUIDField(db_index=True, default=apps.core.ids.uuid7, editable=False)),
                ("key", models.CharField(max_length=40, verbose_name="Key")),
                (
                    "label",
                    apps.core.text.TranslatedTextField(default=apps.core.text.TranslatedText, verbose_name="Label"),
                ),
                ("colour", models.CharField(blank=True, max_length=20, verbose_name="Colour")),
                ("position", models.PositiveSmallIntegerField(default=0, verbose_name="Position")),
                ("active", models.BooleanField(default=True, verbose_name="Offered")),
                ("history_user_id", models.UUIDField(editable=False, null=True)),
                ("history_change_reason", models.CharField(blank=True, max_length=500)),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField()),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "choice_set",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="records.choiceset",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical choice",
                "verbose_name_plural": "historical choices",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalCustomRecord",
            fields=[
                ("change_id", models.UUIDField(db_index=True, editable=False, null=True)),
                (
                    "change_source",
                    models.CharField(
                        choices=[
                            ("page", "Page"),
                            ("api", "API"),
                            ("admin", "Admin"),
                            ("import", "Import"),
                            ("rule", "Rule"),
                            ("job", "Job"),
                            ("mail", "Mail"),
                            ("system", "System"),
                        ],
                        default="system",
                        editable=False,
                        max_length=10,
                    ),
                ),
                ("change_request", models.CharField(blank=True, default="", editable=False, max_length=40)),
                ("id", models.UUIDField(db_index=True, default=apps.core.ids.uuid7, editable=False)),
                ("origin", models.CharField(blank=True, max_length=40, verbose_name="Source")),
                ("external_id", models.CharField(blank=True, max_length=100, verbose_name="External ID")),
                (
                    "tags",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(),
                        blank=True,
                        db_default=[],
                        default=list,
                        size=None,
                        verbose_name="Tags",
                    ),
                ),
                (
                    "custom",
                    models.JSONField(
                        blank=True,
                        db_default={},
                        default=dict,
                        editable=False,
                        encoder=django.core.serializers.json.DjangoJSONEncoder,
                    ),
                ),
                ("version", models.PositiveIntegerField(db_default=1, default=1, editable=False)),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="Created"),
                ),
                (
                    "updated_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="Changed"),
                ),
                ("deleted_at", models.DateTimeField(editable=False, null=True)),
                ("history_user_id", models.UUIDField(editable=False, null=True)),
                ("history_change_reason", models.CharField(blank=True, max_length=500)),
                ("type_key", models.CharField(editable=False, max_length=60)),
                ("name", models.CharField(max_length=200, verbose_name="Name")),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField()),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="Created by",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="Owner",
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="users.team",
                        verbose_name="Team",
                    ),
                ),
                (
                    "territory",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="users.territory",
                        verbose_name="Territory",
                    ),
                ),
                (
                    "updated_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="Changed by",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical custom record",
                "verbose_name_plural": "historical custom records",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalFieldDefinition",
            fields=[
                ("change_id", models.UUIDField(db_index=True, editable=False, null=True)),
                (
                    "change_source",
                    models.CharField(
                        choices=[
                            ("page", "Page"),
                            ("api", "API"),
                            ("admin", "Admin"),
                            ("import", "Import"),
                            ("rule", "Rule"),
                            ("job", "Job"),
                            ("mail", "Mail"),
                            ("system", "System"),
                        ],
                        default="system",
                        editable=False,
                        max_length=10,
                    ),
                ),
                ("change_request", models.CharField(blank=True, default="", editable=False, max_length=40)),
                ("id", models.UUIDField(db_index=True, default=apps.core.ids.uuid7, editable=False)),
                ("type_key", models.CharField(max_length=60, verbose_name="Record type")),
                (
                    "key",
                    models.CharField(
                        help_text="Stands in addresses, files and the API. It stays.",
                        max_length=40,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[a-z][a-z0-9_]{0,39}\\Z",
                                "Use small letters, digits and underscores, a letter first.",
                            )
                        ],
                        verbose_name="Key",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("text", "Text"),
                            ("longtext", "Long text"),
                            ("integer", "Whole number"),
                            ("decimal", "Number"),
                            ("date", "Date"),
                            ("datetime", "Date and time"),
                            ("choice", "Choice"),
                            ("multichoice", "Several choices"),
                            ("checkbox", "Yes or no"),
                            ("url", "Web address"),
                            ("email", "E-mail address"),
                            ("phone", "Phone number"),
                            ("country", "Country"),
                            ("currency", "Currency"),
                            ("reference", "Record"),
                            ("user", "Person"),
                            ("money", "Money"),
                        ],
                        max_length=20,
                        verbose_name="Kind",
                    ),
                ),
                (
                    "label",
                    apps.core.text.TranslatedTextField(default=apps.core.text.TranslatedText, verbose_name="Label"),
                ),
                (
                    "help",
                    apps.core.text.TranslatedTextField(
                        blank=True, default=apps.core.text.TranslatedText, verbose_name="Help"
                    ),
                ),
                (
                    "section",
                    apps.core.text.TranslatedTextField(
                        blank=True, default=apps.core.text.TranslatedText, verbose_name="Section"
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(default=0, verbose_name="Place")),
                ("required", models.BooleanField(default=False, verbose_name="Required")),
                (
                    "unique",
                    models.BooleanField(
                        default=False,
                        help_text="Two records never hold the same value.",
                        verbose_name="No value twice",
                    ),
                ),
                (
                    "indexed",
                    models.BooleanField(
                        default=False,
                        help_text="Makes an index, which each save and import pays for.",
                        verbose_name="Sort lists by it",
                    ),
                ),
                ("sensitive", models.BooleanField(default=False, verbose_name="Sensitive")),
                (
                    "active",
                    models.BooleanField(
                        default=True,
                        help_text="A field out of use is shown nowhere; its values are kept.",
                        verbose_name="In use",
                    ),
                ),
                ("default", models.CharField(blank=True, max_length=1000, verbose_name="Value of new records")),
                ("max_length", models.PositiveIntegerField(blank=True, null=True, verbose_name="Longest text")),
                (
                    "pattern",
                    models.CharField(
                        blank=True,
                        help_text="A regular expression that the whole text must match.",
                        max_length=500,
                        verbose_name="Pattern",
                    ),
                ),
                (
                    "pattern_message",
                    apps.core.text.TranslatedTextField(
                        blank=True, default=apps.core.text.TranslatedText, verbose_name="What to say of other texts"
                    ),
                ),
                ("minimum", models.CharField(blank=True, max_length=40, verbose_name="Smallest value")),
                ("maximum", models.CharField(blank=True, max_length=40, verbose_name="Largest value")),
                (
                    "decimal_places",
                    models.PositiveSmallIntegerField(
                        default=2,
                        validators=[django.core.validators.MaxValueValidator(10)],
                        verbose_name="Decimal places",
                    ),
                ),
                ("target", models.CharField(blank=True, max_length=60, verbose_name="Refers to")),
                (
                    "index_state",
                    models.CharField(
                        choices=[
                            ("none", "No index"),
                            ("waiting", "Being made"),
                            ("ready", "Ready"),
                            ("failed", "Failed"),
                        ],
                        default="none",
                        editable=False,
                        max_length=10,
                        verbose_name="Index",
                    ),
                ),
                ("index_error", models.CharField(blank=True, editable=False, max_length=500)),
                ("history_user_id", models.UUIDField(editable=False, null=True)),
                ("history_change_reason", models.CharField(blank=True, max_length=500)),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField()),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "choice_set",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="records.choiceset",
                        verbose_name="Choices",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical custom field",
                "verbose_name_plural": "historical custom fields",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalNote",
            fields=[
                ("change_id", models.UUIDField(db_index=True, editable=False, null=True)),
                (
                    "change_source",
                    models.CharField(
                        choices=[
                            ("page", "Page"),
                            ("api", "API"),
                            ("admin", "Admin"),
                            ("import", "Import"),
                            ("rule", "Rule"),
                            ("job", "Job"),
                            ("mail", "Mail"),
                            ("system", "System"),
                        ],
                        default="system",
                        editable=False,
                        max_length=10,
                    ),
                ),
                ("change_request", models.CharField(blank=True, default="", editable=False, max_length=40)),
                ("id", models.UUIDField(db_index=True, default=apps.core.ids.uuid7, editable=False)),
                ("origin", models.CharField(blank=True, max_length=40, verbose_name="Source")),
                ("external_id", models.CharField(blank=True, max_length=100, verbose_name="External ID")),
                (
                    "tags",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(),
                        blank=True,
                        db_default=[],
                        default=list,
                        size=None,
                        verbose_name="Tags",
                    ),
                ),
                (
                    "custom",
                    models.JSONField(
                        blank=True,
                        db_default={},
                        default=dict,
                        editable=False,
                        encoder=django.core.serializers.json.DjangoJSONEncoder,
                    ),
                ),
                ("version", models.PositiveIntegerField(db_default=1, default=1, editable=False)),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="Created"),
                ),
                (
                    "updated_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="Changed"),
                ),
                ("deleted_at", models.DateTimeField(editable=False, null=True)),
                ("history_user_id", models.UUIDField(editable=False, null=True)),
                ("history_change_reason", models.CharField(blank=True, max_length=500)),
                ("about_type", models.CharField(editable=False, max_length=60)),
                ("about_id", models.UUIDField(editable=False)),
                ("private", models.BooleanField(default=False, verbose_name="Private")),
                ("pinned", models.BooleanField(default=False, verbose_name="Pinned")),
                ("body", models.TextField(max_length=20000, verbose_name="Note")),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField()),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="Created by",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="Owner",
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="users.team",
                        verbose_name="Team",
                    ),
                ),
                (
                    "territory",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="users.territory",
                        verbose_name="Territory",
                    ),
                ),
                (
                    "updated_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="Changed by",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical note",
                "verbose_name_plural": "historical notes",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalSavedView",
            fields=[
                ("change_id", models.UUIDField(db_index=True, editable=False, null=True)),
                (
                    "change_source",
                    models.CharField(
                        choices=[
                            ("page", "Page"),
                            ("api", "API"),
                            ("admin", "Admin"),
                            ("import", "Import"),
                            ("rule", "Rule"),
                            ("job", "Job"),
                            ("mail", "Mail"),
                            ("system", "System"),
                        ],
                        default="system",
                        editable=False,
                        max_length=10,
                    ),
                ),
                ("change_request", models.CharField(blank=True, default="", editable=False, max_length=40)),
                ("id", models.UUIDField(db_index=True, default=apps.core.ids.uuid7, editable=False)),
                ("type_key", models.CharField(editable=False, max_length=60, verbose_name="Record type")),
                ("name", models.CharField(max_length=60, verbose_name="Name")),
                (
                    "audience",
                    models.CharField(
                        choices=[
                            ("private", "Only me"),
                            ("team", "A team"),
                            ("role", "A role"),
                            ("everyone", "Everyone"),
                        ],
                        default="private",
                        max_length=8,
                        verbose_name="For",
                    ),
                ),
                ("others_edit", models.BooleanField(default=False, verbose_name="Those who use it may change it")),
                (
                    "is_default",
                    models.BooleanField(default=False, verbose_name="Opens first for the people of the role"),
                ),
                ("conditions", models.JSONField(default=apps.records.models.saved_views.no_condition)),
                ("columns", models.JSONField(default=list)),
                ("sort", models.CharField(blank=True, max_length=100)),
                (
                    "density",
                    models.CharField(
                        blank=True, choices=[("comfortable", "Comfortable"), ("compact", "Compact")], max_length=12
                    ),
                ),
                ("totals", models.BooleanField(default=False)),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                (
                    "updated_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="Changed"),
                ),
                ("history_user_id", models.UUIDField(editable=False, null=True)),
                ("history_change_reason", models.CharField(blank=True, max_length=500)),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField()),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="Owner",
                    ),
                ),
                (
                    "role",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="users.role",
                        verbose_name="Role",
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="users.team",
                        verbose_name="Team",
                    ),
                ),
                (
                    "updated_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "historical saved view",
                "verbose_name_plural": "historical saved views",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalPackItem",
            fields=[
                ("change_id", models.UUIDField(db_index=True, editable=False, null=True)),
                (
                    "change_source",
                    models.CharField(
                        choices=[
                            ("page", "Page"),
                            ("api", "API"),
                            ("admin", "Admin"),
                            ("import", "Import"),
                            ("rule", "Rule"),
                            ("job", "Job"),
                            ("mail", "Mail"),
                            ("system", "System"),
                        ],
                        default="system",
                        editable=False,
                        max_length=10,
                    ),
                ),
                ("change_request", models.CharField(blank=True, default="", editable=False, max_length=40)),
                ("id", models.UUIDField(db_index=True, default=apps.core.ids.uuid7, editable=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("choice_set", "choice list"),
                            ("choice", "choice"),
                            ("object", "record type"),
                            ("field", "field"),
                            ("record", "record"),
                        ],
                        max_length=12,
                    ),
                ),
                ("key", models.CharField(max_length=140)),
                ("loaded", models.JSONField(default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder)),
                ("history_user_id", models.UUIDField(editable=False, null=True)),
                ("history_change_reason", models.CharField(blank=True, max_length=500)),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField()),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "pack",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="records.pack",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical part of a pack",
                "verbose_name_plural": "historical parts of packs",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="SearchPlace",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("place", models.BigIntegerField()),
                ("record_type", models.CharField(db_collation="C", max_length=60)),
                ("weight", models.PositiveSmallIntegerField()),
                ("acl", django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), size=None)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["place"], name="searchplace_place"),
                    django.contrib.postgres.indexes.GinIndex(fields=["acl"], name="searchplace_acl"),
                ],
            },
        ),
        migrations.CreateModel(
            name="SearchTerm",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "record_id", "term", "field", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("record_id", models.UUIDField()),
                ("term", models.CharField(db_collation="C", max_length=60)),
                ("field", models.CharField(db_collation="C", max_length=100)),
                ("shelf", models.IntegerField()),
                ("place", models.BigIntegerField()),
            ],
            options={
                "indexes": [
                    models.Index(fields=["record_id"], name="searchterm_record"),
                    models.Index(fields=["place", "term"], include=("record_id",), name="searchterm_place"),
                    models.Index(fields=["shelf", "term", "place"], name="searchterm_shelf"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Tag",
            fields=[
                (
                    "id",
                    models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("key", models.CharField(editable=False, max_length=60, unique=True, verbose_name="Key")),
                ("label", models.CharField(max_length=60, verbose_name="Name")),
                (
                    "colour",
                    models.CharField(
                        choices=[
                            ("grey", "Grey"),
                            ("red", "Red"),
                            ("orange", "Orange"),
                            ("yellow", "Yellow"),
                            ("green", "Green"),
                            ("teal", "Teal"),
                            ("blue", "Blue"),
                            ("indigo", "Indigo"),
                            ("purple", "Purple"),
                            ("pink", "Pink"),
                        ],
                        default="grey",
                        max_length=10,
                        verbose_name="Colour",
                    ),
                ),
                (
                    "category",
                    models.CharField(
                        blank=True,
                        help_text="Tags of one category stand together.",
                        max_length=60,
                        verbose_name="Category",
                    ),
                ),
                ("deleted_at", models.DateTimeField(editable=False, null=True)),
                (
                    "merged_into",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="merged",
                        to="records.tag",
                    ),
                ),
            ],
            options={
                "verbose_name": "tag",
                "verbose_name_plural": "tags",
                "ordering": ["category", "label"],
            },
        ),
        migrations.CreateModel(
            name="HistoricalTag",
            fields=[
                ("change_id", models.UUIDField(db_index=True, editable=False, null=True)),
                (
                    "change_source",
                    models.CharField(
                        choices=[
                            ("page", "Page"),
                            ("api", "API"),
                            ("admin", "Admin"),
                            ("import", "Import"),
                            ("rule", "Rule"),
                            ("job", "Job"),
                            ("mail", "Mail"),
                            ("system", "System"),
                        ],
                        default="system",
                        editable=False,
                        max_length=10,
                    ),
                ),
                ("change_request", models.CharField(blank=True, default="", editable=False, max_length=40)),
                ("id", models.UUIDField(db_index=True, default=apps.core.ids.uuid7, editable=False)),
                ("key", models.CharField(db_index=True, editable=False, max_length=60, verbose_name="Key")),
                ("label", models.CharField(max_length=60, verbose_name="Name")),
                (
                    "colour",
                    models.CharField(
                        choices=[
                            ("grey", "Grey"),
                            ("red", "Red"),
                            ("orange", "Orange"),
                            ("yellow", "Yellow"),
                            ("green", "Green"),
                            ("teal", "Teal"),
                            ("blue", "Blue"),
                            ("indigo", "Indigo"),
                            ("purple", "Purple"),
                            ("pink", "Pink"),
                        ],
                        default="grey",
                        max_length=10,
                        verbose_name="Colour",
                    ),
                ),
                (
                    "category",
                    models.CharField(
                        blank=True,
                        help_text="Tags of one category stand together.",
                        max_length=60,
                        verbose_name="Category",
                    ),
                ),
                ("deleted_at", models.DateTimeField(editable=False, null=True)),
                ("history_user_id", models.UUIDField(editable=False, null=True)),
                ("history_change_reason", models.CharField(blank=True, max_length=500)),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField()),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "merged_into",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="records.tag",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical tag",
                "verbose_name_plural": "historical tags",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="Choice",
            fields=[
                (
                    "id",
                    models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("key", models.CharField(max_length=40, verbose_name="Key")),
                (
                    "label",
                    apps.core.text.TranslatedTextField(default=apps.core.text.TranslatedText, verbose_name="Label"),
                ),
                ("colour", models.CharField(blank=True, max_length=20, verbose_name="Colour")),
                ("position", models.PositiveSmallIntegerField(default=0, verbose_name="Position")),
                ("active", models.BooleanField(default=True, verbose_name="Offered")),
                (
                    "choice_set",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="choices", to="records.choiceset"
                    ),
                ),
            ],
            options={
                "verbose_name": "choice",
                "verbose_name_plural": "choices",
                "ordering": ["position", "key"],
                "constraints": [models.UniqueConstraint(fields=("choice_set", "key"), name="choice_key_once")],
            },
        ),
        migrations.CreateModel(
            name="CustomRecord",
            fields=[
                (
                    "id",
                    models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "shared",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), db_default=[], default=list, editable=False, size=None
                    ),
                ),
                (
                    "acl",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Func(
                            "owner_id", "team_id", "territory_id", "shared", function="public.nc_acl"
                        ),
                        output_field=django.contrib.postgres.fields.ArrayField(
                            base_field=models.TextField(), size=None
                        ),
                    ),
                ),
                ("origin", models.CharField(blank=True, max_length=40, verbose_name="Source")),
                ("external_id", models.CharField(blank=True, max_length=100, verbose_name="External ID")),
                (
                    "tags",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(),
                        blank=True,
                        db_default=[],
                        default=list,
                        size=None,
                        verbose_name="Tags",
                    ),
                ),
                (
                    "custom",
                    models.JSONField(
                        blank=True,
                        db_default={},
                        default=dict,
                        editable=False,
                        encoder=django.core.serializers.json.DjangoJSONEncoder,
                    ),
                ),
                ("version", models.PositiveIntegerField(db_default=1, default=1, editable=False)),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="Created"),
                ),
                (
                    "updated_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="Changed"),
                ),
                ("deleted_at", models.DateTimeField(editable=False, null=True)),
                ("type_key", models.CharField(editable=False, max_length=60)),
                ("name", models.CharField(max_length=200, verbose_name="Name")),
                (
                    "created_by",
                    models.ForeignKey(
                        db_index=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="Created by",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="Owner",
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="users.team",
                        verbose_name="Team",
                    ),
                ),
                (
                    "territory",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="users.territory",
                        verbose_name="Territory",
                    ),
                ),
                (
                    "updated_by",
                    models.ForeignKey(
                        db_index=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="Changed by",
                    ),
                ),
            ],
            options={
                "verbose_name": "custom record",
                "verbose_name_plural": "custom records",
                "abstract": False,
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(fields=["acl"], name="customrecord_acl"),
                    django.contrib.postgres.indexes.GinIndex(
                        condition=models.Q(("tags", []), _negated=True), fields=["tags"], name="customrecord_tags"
                    ),
                    models.Index(
                        models.F("deleted_at"),
                        models.F("id"),
                        condition=models.Q(("deleted_at__isnull", False)),
                        name="customrecord_bin",
                    ),
                    models.Index(
                        models.F("type_key"),
                        apps.core.database.SortKey("name"),
                        models.F("id"),
                        name="customrecord_name_sort",
                    ),
                    models.Index(
                        models.F("type_key"),
                        models.F("created_at"),
                        models.F("id"),
                        name="customrecord_created_at_sort",
                    ),
                    models.Index(
                        models.F("type_key"),
                        models.F("updated_at"),
                        models.F("id"),
                        name="customrecord_updated_at_sort",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(models.Q(("external_id", ""), _negated=True), ("deleted_at", None)),
                        fields=("type_key", "external_id"),
                        name="customrecord_external_id_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Draft",
            fields=[
                (
                    "id",
                    models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("type_key", models.CharField(max_length=60)),
                ("record_id", models.UUIDField(null=True)),
                ("data", models.JSONField(default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("user", "type_key", "record_id"), name="draft_once", nulls_distinct=False
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="FieldDefinition",
            fields=[
                (
                    "id",
                    models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("type_key", models.CharField(max_length=60, verbose_name="Record type")),
                (
                    "key",
                    models.CharField(
                        help_text="Stands in addresses, files and the API. It stays.",
                        max_length=40,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[a-z][a-z0-9_]{0,39}\\Z",
                                "Use small letters, digits and underscores, a letter first.",
                            )
                        ],
                        verbose_name="Key",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("text", "Text"),
                            ("longtext", "Long text"),
                            ("integer", "Whole number"),
                            ("decimal", "Number"),
                            ("date", "Date"),
                            ("datetime", "Date and time"),
                            ("choice", "Choice"),
                            ("multichoice", "Several choices"),
                            ("checkbox", "Yes or no"),
                            ("url", "Web address"),
                            ("email", "E-mail address"),
                            ("phone", "Phone number"),
                            ("country", "Country"),
                            ("currency", "Currency"),
                            ("reference", "Record"),
                            ("user", "Person"),
                            ("money", "Money"),
                        ],
                        max_length=20,
                        verbose_name="Kind",
                    ),
                ),
                (
                    "label",
                    apps.core.text.TranslatedTextField(default=apps.core.text.TranslatedText, verbose_name="Label"),
                ),
                (
                    "help",
                    apps.core.text.TranslatedTextField(
                        blank=True, default=apps.core.text.TranslatedText, verbose_name="Help"
                    ),
                ),
                (
                    "section",
                    apps.core.text.TranslatedTextField(
                        blank=True, default=apps.core.text.TranslatedText, verbose_name="Section"
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(default=0, verbose_name="Place")),
                ("required", models.BooleanField(default=False, verbose_name="Required")),
                (
                    "unique",
                    models.BooleanField(
                        default=False,
                        help_text="Two records never hold the same value.",
                        verbose_name="No value twice",
                    ),
                ),
                (
                    "indexed",
                    models.BooleanField(
                        default=False,
                        help_text="Makes an index, which each save and import pays for.",
                        verbose_name="Sort lists by it",
                    ),
                ),
                ("sensitive", models.BooleanField(default=False, verbose_name="Sensitive")),
                (
                    "active",
                    models.BooleanField(
                        default=True,
                        help_text="A field out of use is shown nowhere; its values are kept.",
                        verbose_name="In use",
                    ),
                ),
                ("default", models.CharField(blank=True, max_length=1000, verbose_name="Value of new records")),
                ("max_length", models.PositiveIntegerField(blank=True, null=True, verbose_name="Longest text")),
                (
                    "pattern",
                    models.CharField(
                        blank=True,
                        help_text="A regular expression that the whole text must match.",
                        max_length=500,
                        verbose_name="Pattern",
                    ),
                ),
                (
                    "pattern_message",
                    apps.core.text.TranslatedTextField(
                        blank=True, default=apps.core.text.TranslatedText, verbose_name="What to say of other texts"
                    ),
                ),
                ("minimum", models.CharField(blank=True, max_length=40, verbose_name="Smallest value")),
                ("maximum", models.CharField(blank=True, max_length=40, verbose_name="Largest value")),
                (
                    "decimal_places",
                    models.PositiveSmallIntegerField(
                        default=2,
                        validators=[django.core.validators.MaxValueValidator(10)],
                        verbose_name="Decimal places",
                    ),
                ),
                ("target", models.CharField(blank=True, max_length=60, verbose_name="Refers to")),
                (
                    "index_state",
                    models.CharField(
                        choices=[
                            ("none", "No index"),
                            ("waiting", "Being made"),
                            ("ready", "Ready"),
                            ("failed", "Failed"),
                        ],
                        default="none",
                        editable=False,
                        max_length=10,
                        verbose_name="Index",
                    ),
                ),
                ("index_error", models.CharField(blank=True, editable=False, max_length=500)),
                (
                    "choice_set",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="records.choiceset",
                        verbose_name="Choices",
                    ),
                ),
            ],
            options={
                "verbose_name": "custom field",
                "verbose_name_plural": "custom fields",
                "ordering": ["type_key", "position", "key"],
                "constraints": [models.UniqueConstraint(fields=("type_key", "key"), name="field_key_once")],
            },
        ),
        migrations.CreateModel(
            name="ListState",
            fields=[
                (
                    "id",
                    models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("type_key", models.CharField(max_length=60)),
                ("state", models.JSONField(default=dict)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("user", "type_key"), name="list_state_once")],
            },
        ),
        migrations.CreateModel(
            name="Note",
            fields=[
                (
                    "id",
                    models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "shared",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), db_default=[], default=list, editable=False, size=None
                    ),
                ),
                (
                    "acl",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Func(
                            "owner_id", "team_id", "territory_id", "shared", function="public.nc_acl"
                        ),
                        output_field=django.contrib.postgres.fields.ArrayField(
                            base_field=models.TextField(), size=None
                        ),
                    ),
                ),
                ("origin", models.CharField(blank=True, max_length=40, verbose_name="Source")),
                ("external_id", models.CharField(blank=True, max_length=100, verbose_name="External ID")),
                (
                    "tags",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(),
                        blank=True,
                        db_default=[],
                        default=list,
                        size=None,
                        verbose_name="Tags",
                    ),
                ),
                (
                    "custom",
                    models.JSONField(
                        blank=True,
                        db_default={},
                        default=dict,
                        editable=False,
                        encoder=django.core.serializers.json.DjangoJSONEncoder,
                    ),
                ),
                ("version", models.PositiveIntegerField(db_default=1, default=1, editable=False)),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="Created"),
                ),
                (
                    "updated_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="Changed"),
                ),
                ("deleted_at", models.DateTimeField(editable=False, null=True)),
                ("about_type", models.CharField(editable=False, max_length=60)),
                ("about_id", models.UUIDField(editable=False)),
                ("private", models.BooleanField(default=False, verbose_name="Private")),
                ("pinned", models.BooleanField(default=False, verbose_name="Pinned")),
                ("body", models.TextField(max_length=20000, verbose_name="Note")),
                (
                    "created_by",
                    models.ForeignKey(
                        db_index=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="Created by",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="Owner",
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="users.team",
                        verbose_name="Team",
                    ),
                ),
                (
                    "territory",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="users.territory",
                        verbose_name="Territory",
                    ),
                ),
                (
                    "updated_by",
                    models.ForeignKey(
                        db_index=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="Changed by",
                    ),
                ),
            ],
            options={
                "verbose_name": "note",
                "verbose_name_plural": "notes",
                "abstract": False,
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(fields=["acl"], name="note_acl"),
                    django.contrib.postgres.indexes.GinIndex(
                        condition=models.Q(("tags", []), _negated=True), fields=["tags"], name="note_tags"
                    ),
                    models.Index(
                        models.F("deleted_at"),
                        models.F("id"),
                        condition=models.Q(("deleted_at__isnull", False)),
                        name="note_bin",
                    ),
                    models.Index(
                        models.F("about_type"),
                        models.F("about_id"),
                        models.OrderBy(models.F("id"), descending=True),
                        name="note_about",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PackItem",
            fields=[
                (
                    "id",
                    models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("choice_set", "choice list"),
                            ("choice", "choice"),
                            ("object", "record type"),
                            ("field", "field"),
                            ("record", "record"),
                        ],
                        max_length=12,
                    ),
                ),
                ("key", models.CharField(max_length=140)),
                ("loaded", models.JSONField(default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder)),
                (
                    "pack",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="items", to="records.pack"
                    ),
                ),
            ],
            options={
                "verbose_name": "part of a pack",
                "verbose_name_plural": "parts of packs",
                "constraints": [models.UniqueConstraint(fields=("kind", "key"), name="pack_item_of_one_pack")],
            },
        ),
        migrations.CreateModel(
            name="SavedView",
            fields=[
                (
                    "id",
                    models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("type_key", models.CharField(editable=False, max_length=60, verbose_name="Record type")),
                ("name", models.CharField(max_length=60, verbose_name="Name")),
                (
                    "audience",
                    models.CharField(
                        choices=[
                            ("private", "Only me"),
                            ("team", "A team"),
                            ("role", "A role"),
                            ("everyone", "Everyone"),
                        ],
                        default="private",
                        max_length=8,
                        verbose_name="For",
                    ),
                ),
                ("others_edit", models.BooleanField(default=False, verbose_name="Those who use it may change it")),
                (
                    "is_default",
                    models.BooleanField(default=False, verbose_name="Opens first for the people of the role"),
                ),
                ("conditions", models.JSONField(default=apps.records.models.saved_views.no_condition)),
                ("columns", models.JSONField(default=list)),
                ("sort", models.CharField(blank=True, max_length=100)),
                (
                    "density",
                    models.CharField(
                        blank=True, choices=[("comfortable", "Comfortable"), ("compact", "Compact")], max_length=12
                    ),
                ),
                ("totals", models.BooleanField(default=False)),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                (
                    "updated_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="Changed"),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="Owner",
                    ),
                ),
                (
                    "role",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="users.role",
                        verbose_name="Role",
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="users.team",
                        verbose_name="Team",
                    ),
                ),
                (
                    "updated_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "saved view",
                "verbose_name_plural": "saved views",
                "ordering": ["id"],
                "indexes": [models.Index(fields=["type_key"], name="saved_view_type")],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("owner"),
                        models.F("type_key"),
                        django.db.models.functions.text.Lower("name"),
                        name="saved_view_name_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("is_default", True)),
                        fields=("role", "type_key"),
                        name="saved_view_one_default",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("audience__in", ["private", "team", "role", "everyone"])),
                        name="saved_view_audience_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("is_default", False), ("audience", "role"), _connector="OR"),
                        name="saved_view_default_of_role",
                    ),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="tag",
            constraint=models.UniqueConstraint(
                django.db.models.functions.text.Lower("label"),
                condition=models.Q(("deleted_at", None), ("merged_into", None)),
                name="tag_label_once",
                violation_error_message="There is a tag of this name already.",
            ),
        ),
    ]
