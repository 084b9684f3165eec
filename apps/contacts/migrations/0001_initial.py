import apps.core.database
import apps.core.ids
import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.core.serializers.json
import django.core.validators
import django.db.models.deletion
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
            name="Company",
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
                ("name", models.CharField(max_length=200, verbose_name="Name")),
                ("legal_name", models.CharField(blank=True, max_length=200, verbose_name="Legal name")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("prospect", "Prospect"),
                            ("customer", "Customer"),
                            ("partner", "Partner"),
                            ("former", "Former customer"),
                        ],
                        default="prospect",
                        max_length=20,
                        verbose_name="Status",
                    ),
                ),
                ("industry", models.CharField(blank=True, max_length=40, verbose_name="Industry")),
                ("website", models.CharField(blank=True, max_length=500, verbose_name="Website")),
                ("email", models.CharField(blank=True, max_length=254, verbose_name="E-mail")),
                ("phone", models.CharField(blank=True, max_length=50, verbose_name="Phone")),
                ("city", models.CharField(blank=True, max_length=100, verbose_name="City")),
                ("country", models.CharField(blank=True, max_length=2, verbose_name="Country")),
                ("employees", models.PositiveIntegerField(blank=True, null=True, verbose_name="Employees")),
                (
                    "size",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("micro", "1–9"),
                            ("small", "10–49"),
                            ("medium", "50–249"),
                            ("large", "250–999"),
                            ("giant", "1,000 and more"),
                        ],
                        max_length=20,
                        verbose_name="Size",
                    ),
                ),
                (
                    "annual_revenue",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=18,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                        verbose_name="Annual revenue",
                    ),
                ),
                (
                    "annual_revenue_currency",
                    models.CharField(blank=True, max_length=3, verbose_name="Currency of revenue"),
                ),
                ("founded", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="Founded in")),
                ("legal_type", models.CharField(blank=True, max_length=40, verbose_name="Legal type")),
                ("tax_id", models.CharField(blank=True, max_length=40, verbose_name="VAT or tax ID")),
                (
                    "registration_number",
                    models.CharField(blank=True, max_length=60, verbose_name="Registration number"),
                ),
                ("description", models.TextField(blank=True, max_length=20000, verbose_name="Description")),
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
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="subsidiaries",
                        to="contacts.company",
                        verbose_name="Parent company",
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
                "verbose_name": "company",
                "verbose_name_plural": "companies",
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="CompanyAddress",
            fields=[
                (
                    "id",
                    models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("position", models.PositiveSmallIntegerField(default=0, editable=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("headquarters", "Headquarters"),
                            ("office", "Office"),
                            ("home", "Home"),
                            ("mailing", "Mailing"),
                            ("billing", "Billing"),
                            ("shipping", "Shipping"),
                        ],
                        default="office",
                        max_length=20,
                        verbose_name="Kind",
                    ),
                ),
                ("street", models.CharField(blank=True, max_length=300, verbose_name="Street")),
                ("postcode", models.CharField(blank=True, max_length=20, verbose_name="Postcode")),
                ("city", models.CharField(blank=True, max_length=100, verbose_name="City")),
                ("region", models.CharField(blank=True, max_length=100, verbose_name="State or region")),
                ("country", models.CharField(blank=True, max_length=2, verbose_name="Country")),
                (
                    "company",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="addresses", to="contacts.company"
                    ),
                ),
            ],
            options={
                "verbose_name": "address",
                "verbose_name_plural": "addresses",
                "ordering": ["position", "id"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="CompanyEmail",
            fields=[
                (
                    "id",
                    models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("position", models.PositiveSmallIntegerField(default=0, editable=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("work", "Work"),
                            ("private", "Private"),
                            ("billing", "Billing"),
                            ("support", "Support"),
                            ("other", "Other"),
                        ],
                        default="work",
                        max_length=20,
                        verbose_name="Kind",
                    ),
                ),
                ("address", models.CharField(max_length=254, verbose_name="E-mail address")),
                (
                    "company",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="emails", to="contacts.company"
                    ),
                ),
            ],
            options={
                "verbose_name": "e-mail address",
                "verbose_name_plural": "e-mail addresses",
                "ordering": ["position", "id"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="CompanyPhone",
            fields=[
                (
                    "id",
                    models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("position", models.PositiveSmallIntegerField(default=0, editable=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("work", "Work"),
                            ("mobile", "Mobile"),
                            ("home", "Home"),
                            ("fax", "Fax"),
                            ("other", "Other"),
                        ],
                        default="work",
                        max_length=20,
                        verbose_name="Kind",
                    ),
                ),
                ("number", models.CharField(max_length=50, verbose_name="Number")),
                (
                    "company",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="phones", to="contacts.company"
                    ),
                ),
            ],
            options={
                "verbose_name": "phone",
                "verbose_name_plural": "phones",
                "ordering": ["position", "id"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Contact",
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
                (
                    "name",
                    models.CharField(
                        blank=True,
                        help_text="Left empty, it is made of the names above.",
                        max_length=200,
                        verbose_name="Full name",
                    ),
                ),
                ("salutation", models.CharField(blank=True, max_length=40, verbose_name="Salutation")),
                ("first_name", models.CharField(blank=True, max_length=80, verbose_name="First name")),
                ("middle_name", models.CharField(blank=True, max_length=80, verbose_name="Middle name")),
                ("last_name", models.CharField(blank=True, max_length=80, verbose_name="Last name")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("prospect", "Prospect"),
                            ("customer", "Customer"),
                            ("partner", "Partner"),
                            ("former", "Former customer"),
                            ("inactive", "No longer reachable"),
                        ],
                        default="prospect",
                        max_length=20,
                        verbose_name="Status",
                    ),
                ),
                ("title", models.CharField(blank=True, max_length=120, verbose_name="Job title")),
                ("department", models.CharField(blank=True, max_length=120, verbose_name="Department")),
                ("email", models.CharField(blank=True, max_length=254, verbose_name="E-mail")),
                ("phone", models.CharField(blank=True, max_length=50, verbose_name="Phone")),
                ("website", models.CharField(blank=True, max_length=500, verbose_name="Website")),
                ("city", models.CharField(blank=True, max_length=100, verbose_name="City")),
                ("country", models.CharField(blank=True, max_length=2, verbose_name="Country")),
                ("birth_date", models.DateField(blank=True, null=True, verbose_name="Birth date")),
                (
                    "gender",
                    models.CharField(
                        blank=True,
                        choices=[("female", "Female"), ("male", "Male"), ("diverse", "Diverse")],
                        max_length=20,
                        verbose_name="Gender",
                    ),
                ),
                (
                    "language",
                    models.CharField(
                        blank=True,
                        help_text="The one that we write in.",
                        max_length=10,
                        verbose_name="Preferred language",
                    ),
                ),
                ("languages", models.JSONField(blank=True, db_default=[], default=list, verbose_name="Languages")),
                ("time_zone", models.CharField(blank=True, max_length=64, verbose_name="Time zone")),
                ("background", models.TextField(blank=True, max_length=20000, verbose_name="Professional background")),
                ("description", models.TextField(blank=True, max_length=20000, verbose_name="Description")),
                (
                    "company",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="people",
                        to="contacts.company",
                        verbose_name="Company",
                    ),
                ),
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
                    "reports_to",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reports",
                        to="contacts.contact",
                        verbose_name="Reports to",
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
                "verbose_name": "contact",
                "verbose_name_plural": "contacts",
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ContactAddress",
            fields=[
                (
                    "id",
                    models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("position", models.PositiveSmallIntegerField(default=0, editable=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("headquarters", "Headquarters"),
                            ("office", "Office"),
                            ("home", "Home"),
                            ("mailing", "Mailing"),
                            ("billing", "Billing"),
                            ("shipping", "Shipping"),
                        ],
                        default="mailing",
                        max_length=20,
                        verbose_name="Kind",
                    ),
                ),
                ("street", models.CharField(blank=True, max_length=300, verbose_name="Street")),
                ("postcode", models.CharField(blank=True, max_length=20, verbose_name="Postcode")),
                ("city", models.CharField(blank=True, max_length=100, verbose_name="City")),
                ("region", models.CharField(blank=True, max_length=100, verbose_name="State or region")),
                ("country", models.CharField(blank=True, max_length=2, verbose_name="Country")),
                (
                    "contact",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="addresses", to="contacts.contact"
                    ),
                ),
            ],
            options={
                "verbose_name": "address",
                "verbose_name_plural": "addresses",
                "ordering": ["position", "id"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ContactEmail",
            fields=[
                (
                    "id",
                    models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("position", models.PositiveSmallIntegerField(default=0, editable=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("work", "Work"),
                            ("private", "Private"),
                            ("billing", "Billing"),
                            ("support", "Support"),
                            ("other", "Other"),
                        ],
                        default="work",
                        max_length=20,
                        verbose_name="Kind",
                    ),
                ),
                ("address", models.CharField(max_length=254, verbose_name="E-mail address")),
                (
                    "contact",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="emails", to="contacts.contact"
                    ),
                ),
            ],
            options={
                "verbose_name": "e-mail address",
                "verbose_name_plural": "e-mail addresses",
                "ordering": ["position", "id"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ContactPhone",
            fields=[
                (
                    "id",
                    models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("position", models.PositiveSmallIntegerField(default=0, editable=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("work", "Work"),
                            ("mobile", "Mobile"),
                            ("home", "Home"),
                            ("fax", "Fax"),
                            ("other", "Other"),
                        ],
                        default="work",
                        max_length=20,
                        verbose_name="Kind",
                    ),
                ),
                ("number", models.CharField(max_length=50, verbose_name="Number")),
                (
                    "e164",
                    models.CharField(blank=True, editable=False, max_length=20, verbose_name="International number"),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="phones", to="contacts.contact"
                    ),
                ),
            ],
            options={
                "verbose_name": "phone",
                "verbose_name_plural": "phones",
                "ordering": ["position", "id"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ContactPosition",
            fields=[
                (
                    "id",
                    models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("position", models.PositiveSmallIntegerField(default=0, editable=False)),
                ("title", models.CharField(blank=True, max_length=120, verbose_name="Job title")),
                ("department", models.CharField(blank=True, max_length=120, verbose_name="Department")),
                ("role", models.CharField(blank=True, max_length=120, verbose_name="Role")),
                (
                    "authority",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("decider", "Decision maker"),
                            ("approver", "Approver"),
                            ("buyer", "Buyer"),
                            ("influencer", "Influencer"),
                            ("user", "User"),
                            ("gatekeeper", "Gatekeeper"),
                        ],
                        max_length=20,
                        verbose_name="Authority",
                    ),
                ),
                ("started_on", models.DateField(blank=True, null=True, verbose_name="Since")),
                ("ended_on", models.DateField(blank=True, null=True, verbose_name="Until")),
                (
                    "company",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="contacts.company",
                        verbose_name="Company",
                    ),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="positions", to="contacts.contact"
                    ),
                ),
            ],
            options={
                "verbose_name": "position",
                "verbose_name_plural": "positions",
                "ordering": ["position", "id"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ContactProfile",
            fields=[
                (
                    "id",
                    models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("position", models.PositiveSmallIntegerField(default=0, editable=False)),
                (
                    "network",
                    models.CharField(
                        choices=[
                            ("linkedin", "LinkedIn"),
                            ("xing", "XING"),
                            ("x", "X"),
                            ("facebook", "Facebook"),
                            ("instagram", "Instagram"),
                            ("mastodon", "Mastodon"),
                            ("github", "GitHub"),
                            ("youtube", "YouTube"),
                            ("other", "Other"),
                        ],
                        default="linkedin",
                        max_length=20,
                        verbose_name="Network",
                    ),
                ),
                ("address", models.CharField(max_length=300, verbose_name="Address or name")),
                (
                    "contact",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="profiles", to="contacts.contact"
                    ),
                ),
            ],
            options={
                "verbose_name": "social profile",
                "verbose_name_plural": "social profiles",
                "ordering": ["position", "id"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ContactRelation",
            fields=[
                (
                    "id",
                    models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("position", models.PositiveSmallIntegerField(default=0, editable=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("referred_by", "Referred by"),
                            ("partner", "Partner"),
                            ("colleague", "Colleague"),
                            ("assistant", "Assistant"),
                            ("manager", "Manager"),
                            ("family", "Family"),
                            ("other", "Other"),
                        ],
                        default="colleague",
                        max_length=20,
                        verbose_name="Kind",
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=200, verbose_name="Note")),
                (
                    "contact",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="relations", to="contacts.contact"
                    ),
                ),
                (
                    "other",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="contacts.contact",
                        verbose_name="Person",
                    ),
                ),
            ],
            options={
                "verbose_name": "relation",
                "verbose_name_plural": "relations",
                "ordering": ["position", "id"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="HistoricalCompany",
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
                ("name", models.CharField(max_length=200, verbose_name="Name")),
                ("legal_name", models.CharField(blank=True, max_length=200, verbose_name="Legal name")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("prospect", "Prospect"),
                            ("customer", "Customer"),
                            ("partner", "Partner"),
                            ("former", "Former customer"),
                        ],
                        default="prospect",
                        max_length=20,
                        verbose_name="Status",
                    ),
                ),
                ("industry", models.CharField(blank=True, max_length=40, verbose_name="Industry")),
                ("website", models.CharField(blank=True, max_length=500, verbose_name="Website")),
                ("email", models.CharField(blank=True, max_length=254, verbose_name="E-mail")),
                ("phone", models.CharField(blank=True, max_length=50, verbose_name="Phone")),
                ("city", models.CharField(blank=True, max_length=100, verbose_name="City")),
                ("country", models.CharField(blank=True, max_length=2, verbose_name="Country")),
                ("employees", models.PositiveIntegerField(blank=True, null=True, verbose_name="Employees")),
                (
                    "size",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("micro", "1–9"),
                            ("small", "10–49"),
                            ("medium", "50–249"),
                            ("large", "250–999"),
                            ("giant", "1,000 and more"),
                        ],
                        max_length=20,
                        verbose_name="Size",
                    ),
                ),
                (
                    "annual_revenue",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=18,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                        verbose_name="Annual revenue",
                    ),
                ),
                (
                    "annual_revenue_currency",
                    models.CharField(blank=True, max_length=3, verbose_name="Currency of revenue"),
                ),
                ("founded", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="Founded in")),
                ("legal_type", models.CharField(blank=True, max_length=40, verbose_name="Legal type")),
                ("tax_id", models.CharField(blank=True, max_length=40, verbose_name="VAT or tax ID")),
                (
                    "registration_number",
                    models.CharField(blank=True, max_length=60, verbose_name="Registration number"),
                ),
                ("description", models.TextField(blank=True, max_length=20000, verbose_name="Description")),
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
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="contacts.company",
                        verbose_name="Parent company",
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
                "verbose_name": "historical company",
                "verbose_name_plural": "historical companies",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalCompanyAddress",
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
                ("position", models.PositiveSmallIntegerField(default=0, editable=False)),
                ("history_user_id", models.UUIDField(editable=False, null=True)),
                ("history_change_reason", models.CharField(blank=True, max_length=500)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("headquarters", "Headquarters"),
                            ("office", "Office"),
                            ("home", "Home"),
                            ("mailing", "Mailing"),
                            ("billing", "Billing"),
                            ("shipping", "Shipping"),
                        ],
                        default="office",
                        max_length=20,
                        verbose_name="Kind",
                    ),
                ),
                ("street", models.CharField(blank=True, max_length=300, verbose_name="Street")),
                ("postcode", models.CharField(blank=True, max_length=20, verbose_name="Postcode")),
                ("city", models.CharField(blank=True, max_length=100, verbose_name="City")),
                ("region", models.CharField(blank=True, max_length=100, verbose_name="State or region")),
                ("country", models.CharField(blank=True, max_length=2, verbose_name="Country")),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField()),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "company",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="contacts.company",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical address",
                "verbose_name_plural": "historical addresses",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalCompanyEmail",
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
                ("position", models.PositiveSmallIntegerField(default=0, editable=False)),
                ("history_user_id", models.UUIDField(editable=False, null=True)),
                ("history_change_reason", models.CharField(blank=True, max_length=500)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("work", "Work"),
                            ("private", "Private"),
                            ("billing", "Billing"),
                            ("support", "Support"),
                            ("other", "Other"),
                        ],
                        default="work",
                        max_length=20,
                        verbose_name="Kind",
                    ),
                ),
                ("address", models.CharField(max_length=254, verbose_name="E-mail address")),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField()),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "company",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="contacts.company",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical e-mail address",
                "verbose_name_plural": "historical e-mail addresses",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalCompanyPhone",
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
                ("position", models.PositiveSmallIntegerField(default=0, editable=False)),
                ("history_user_id", models.UUIDField(editable=False, null=True)),
                ("history_change_reason", models.CharField(blank=True, max_length=500)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("work", "Work"),
                            ("mobile", "Mobile"),
                            ("home", "Home"),
                            ("fax", "Fax"),
                            ("other", "Other"),
                        ],
                        default="work",
                        max_length=20,
                        verbose_name="Kind",
                    ),
                ),
                ("number", models.CharField(max_length=50, verbose_name="Number")),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField()),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "company",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="contacts.company",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical phone",
                "verbose_name_plural": "historical phones",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalContact",
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
                (
                    "name",
                    models.CharField(
                        blank=True,
                        help_text="Left empty, it is made of the names above.",
                        max_length=200,
                        verbose_name="Full name",
                    ),
                ),
                ("salutation", models.CharField(blank=True, max_length=40, verbose_name="Salutation")),
                ("first_name", models.CharField(blank=True, max_length=80, verbose_name="First name")),
                ("middle_name", models.CharField(blank=True, max_length=80, verbose_name="Middle name")),
                ("last_name", models.CharField(blank=True, max_length=80, verbose_name="Last name")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("prospect", "Prospect"),
                            ("customer", "Customer"),
                            ("partner", "Partner"),
                            ("former", "Former customer"),
                            ("inactive", "No longer reachable"),
                        ],
                        default="prospect",
                        max_length=20,
                        verbose_name="Status",
                    ),
                ),
                ("title", models.CharField(blank=True, max_length=120, verbose_name="Job title")),
                ("department", models.CharField(blank=True, max_length=120, verbose_name="Department")),
                ("email", models.CharField(blank=True, max_length=254, verbose_name="E-mail")),
                ("phone", models.CharField(blank=True, max_length=50, verbose_name="Phone")),
                ("website", models.CharField(blank=True, max_length=500, verbose_name="Website")),
                ("city", models.CharField(blank=True, max_length=100, verbose_name="City")),
                ("country", models.CharField(blank=True, max_length=2, verbose_name="Country")),
                ("birth_date", models.DateField(blank=True, null=True, verbose_name="Birth date")),
                (
                    "gender",
                    models.CharField(
                        blank=True,
                        choices=[("female", "Female"), ("male", "Male"), ("diverse", "Diverse")],
                        max_length=20,
                        verbose_name="Gender",
                    ),
                ),
                (
                    "language",
                    models.CharField(
                        blank=True,
                        help_text="The one that we write in.",
                        max_length=10,
                        verbose_name="Preferred language",
                    ),
                ),
                ("languages", models.JSONField(blank=True, db_default=[], default=list, verbose_name="Languages")),
                ("time_zone", models.CharField(blank=True, max_length=64, verbose_name="Time zone")),
                ("background", models.TextField(blank=True, max_length=20000, verbose_name="Professional background")),
                ("description", models.TextField(blank=True, max_length=20000, verbose_name="Description")),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField()),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "company",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="contacts.company",
                        verbose_name="Company",
                    ),
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
                    "reports_to",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="contacts.contact",
                        verbose_name="Reports to",
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
                "verbose_name": "historical contact",
                "verbose_name_plural": "historical contacts",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalContactAddress",
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
                ("position", models.PositiveSmallIntegerField(default=0, editable=False)),
                ("history_user_id", models.UUIDField(editable=False, null=True)),
                ("history_change_reason", models.CharField(blank=True, max_length=500)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("headquarters", "Headquarters"),
                            ("office", "Office"),
                            ("home", "Home"),
                            ("mailing", "Mailing"),
                            ("billing", "Billing"),
                            ("shipping", "Shipping"),
                        ],
                        default="mailing",
                        max_length=20,
                        verbose_name="Kind",
                    ),
                ),
                ("street", models.CharField(blank=True, max_length=300, verbose_name="Street")),
                ("postcode", models.CharField(blank=True, max_length=20, verbose_name="Postcode")),
                ("city", models.CharField(blank=True, max_length=100, verbose_name="City")),
                ("region", models.CharField(blank=True, max_length=100, verbose_name="State or region")),
                ("country", models.CharField(blank=True, max_length=2, verbose_name="Country")),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField()),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="contacts.contact",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical address",
                "verbose_name_plural": "historical addresses",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalContactEmail",
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
                ("position", models.PositiveSmallIntegerField(default=0, editable=False)),
                ("history_user_id", models.UUIDField(editable=False, null=True)),
                ("history_change_reason", models.CharField(blank=True, max_length=500)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("work", "Work"),
                            ("private", "Private"),
                            ("billing", "Billing"),
                            ("support", "Support"),
                            ("other", "Other"),
                        ],
                        default="work",
                        max_length=20,
                        verbose_name="Kind",
                    ),
                ),
                ("address", models.CharField(max_length=254, verbose_name="E-mail address")),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField()),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="contacts.contact",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical e-mail address",
                "verbose_name_plural": "historical e-mail addresses",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalContactPhone",
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
                ("position", models.PositiveSmallIntegerField(default=0, editable=False)),
                ("history_user_id", models.UUIDField(editable=False, null=True)),
                ("history_change_reason", models.CharField(blank=True, max_length=500)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("work", "Work"),
                            ("mobile", "Mobile"),
                            ("home", "Home"),
                            ("fax", "Fax"),
                            ("other", "Other"),
                        ],
                        default="work",
                        max_length=20,
                        verbose_name="Kind",
                    ),
                ),
                ("number", models.CharField(max_length=50, verbose_name="Number")),
                (
                    "e164",
                    models.CharField(blank=True, editable=False, max_length=20, verbose_name="International number"),
                ),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField()),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="contacts.contact",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical phone",
                "verbose_name_plural": "historical phones",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalContactPosition",
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
                ("position", models.PositiveSmallIntegerField(default=0, editable=False)),
                ("history_user_id", models.UUIDField(editable=False, null=True)),
                ("history_change_reason", models.CharField(blank=True, max_length=500)),
                ("title", models.CharField(blank=True, max_length=120, verbose_name="Job title")),
                ("department", models.CharField(blank=True, max_length=120, verbose_name="Department")),
                ("role", models.CharField(blank=True, max_length=120, verbose_name="Role")),
                (
                    "authority",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("decider", "Decision maker"),
                            ("approver", "Approver"),
                            ("buyer", "Buyer"),
                            ("influencer", "Influencer"),
                            ("user", "User"),
                            ("gatekeeper", "Gatekeeper"),
                        ],
                        max_length=20,
                        verbose_name="Authority",
                    ),
                ),
                ("started_on", models.DateField(blank=True, null=True, verbose_name="Since")),
                ("ended_on", models.DateField(blank=True, null=True, verbose_name="Until")),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField()),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "company",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="contacts.company",
                        verbose_name="Company",
                    ),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="contacts.contact",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical position",
                "verbose_name_plural": "historical positions",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalContactProfile",
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
                ("position", models.PositiveSmallIntegerField(default=0, editable=False)),
                ("history_user_id", models.UUIDField(editable=False, null=True)),
                ("history_change_reason", models.CharField(blank=True, max_length=500)),
                (
                    "network",
                    models.CharField(
                        choices=[
                            ("linkedin", "LinkedIn"),
                            ("xing", "XING"),
                            ("x", "X"),
                            ("facebook", "Facebook"),
                            ("instagram", "Instagram"),
                            ("mastodon", "Mastodon"),
                            ("github", "GitHub"),
                            ("youtube", "YouTube"),
                            ("other", "Other"),
                        ],
                        default="linkedin",
                        max_length=20,
                        verbose_name="Network",
                    ),
                ),
                ("address", models.CharField(max_length=300, verbose_name="Address or name")),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField()),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="contacts.contact",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical social profile",
                "verbose_name_plural": "historical social profiles",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalContactRelation",
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
                ("position", models.PositiveSmallIntegerField(default=0, editable=False)),
                ("history_user_id", models.UUIDField(editable=False, null=True)),
                ("history_change_reason", models.CharField(blank=True, max_length=500)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("referred_by", "Referred by"),
                            ("partner", "Partner"),
                            ("colleague", "Colleague"),
                            ("assistant", "Assistant"),
                            ("manager", "Manager"),
                            ("family", "Family"),
                            ("other", "Other"),
                        ],
                        default="colleague",
                        max_length=20,
                        verbose_name="Kind",
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=200, verbose_name="Note")),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField()),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="contacts.contact",
                    ),
                ),
                (
                    "other",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="contacts.contact",
                        verbose_name="Person",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical relation",
                "verbose_name_plural": "historical relations",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.AddIndex(
            model_name="company",
            index=django.contrib.postgres.indexes.GinIndex(fields=["acl"], name="company_acl"),
        ),
        migrations.AddIndex(
            model_name="company",
            index=django.contrib.postgres.indexes.GinIndex(
                condition=models.Q(("tags", []), _negated=True), fields=["tags"], name="company_tags"
            ),
        ),
        migrations.AddIndex(
            model_name="company",
            index=models.Index(
                models.F("deleted_at"),
                models.F("id"),
                condition=models.Q(("deleted_at__isnull", False)),
                name="company_bin",
            ),
        ),
        migrations.AddIndex(
            model_name="company",
            index=models.Index(apps.core.database.SortKey("name"), models.F("id"), name="company_name_sort"),
        ),
        migrations.AddIndex(
            model_name="company",
            index=models.Index(apps.core.database.SortKey("city"), models.F("id"), name="company_city_sort"),
        ),
        migrations.AddIndex(
            model_name="company",
            index=models.Index(models.F("country"), models.F("id"), name="company_country_sort"),
        ),
        migrations.AddIndex(
            model_name="company",
            index=models.Index(models.F("industry"), models.F("id"), name="company_industry_sort"),
        ),
        migrations.AddIndex(
            model_name="company",
            index=models.Index(models.F("employees"), models.F("id"), name="company_employees_sort"),
        ),
        migrations.AddIndex(
            model_name="company",
            index=models.Index(models.F("annual_revenue"), models.F("id"), name="company_annual_revenue_sort"),
        ),
        migrations.AddIndex(
            model_name="company",
            index=models.Index(models.F("created_at"), models.F("id"), name="company_created_at_sort"),
        ),
        migrations.AddIndex(
            model_name="company",
            index=models.Index(models.F("updated_at"), models.F("id"), name="company_updated_at_sort"),
        ),
        migrations.AddIndex(
            model_name="company",
            index=models.Index(fields=["owner", "created_at", "id"], name="company_owner_created_at"),
        ),
        migrations.AddIndex(
            model_name="company",
            index=models.Index(fields=["team", "created_at", "id"], name="company_team_created_at"),
        ),
        migrations.AddIndex(
            model_name="company",
            index=models.Index(fields=["owner", "updated_at", "id"], name="company_owner_updated_at"),
        ),
        migrations.AddIndex(
            model_name="company",
            index=models.Index(fields=["team", "updated_at", "id"], name="company_team_updated_at"),
        ),
        migrations.AddIndex(
            model_name="company",
            index=models.Index(
                apps.core.database.SortKey("website"),
                condition=models.Q(("website", ""), _negated=True),
                name="company_website_match",
            ),
        ),
        migrations.AddIndex(
            model_name="company",
            index=models.Index(
                apps.core.database.SortKey("email"),
                condition=models.Q(("email", ""), _negated=True),
                name="company_email_match",
            ),
        ),
        migrations.AddIndex(
            model_name="company",
            index=models.Index(
                models.F("tax_id"), condition=models.Q(("tax_id", ""), _negated=True), name="company_tax_id_match"
            ),
        ),
        migrations.AddIndex(
            model_name="company",
            index=models.Index(
                models.F("registration_number"),
                condition=models.Q(("registration_number", ""), _negated=True),
                name="company_registration_number_ma",
            ),
        ),
        migrations.AddConstraint(
            model_name="company",
            constraint=models.UniqueConstraint(
                condition=models.Q(models.Q(("external_id", ""), _negated=True), ("deleted_at", None)),
                fields=("external_id",),
                name="company_external_id_once",
                violation_error_message="Another company has this external ID.",
            ),
        ),
        migrations.AddConstraint(
            model_name="company",
            constraint=models.CheckConstraint(
                condition=models.Q(("annual_revenue", None), ("annual_revenue__gte", 0), _connector="OR"),
                name="company_revenue_not_negative",
            ),
        ),
        migrations.AddConstraint(
            model_name="company",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("parent", None), models.Q(("parent", models.F("id")), _negated=True), _connector="OR"
                ),
                name="company_not_own_parent",
                violation_error_message="A company can't be its own parent.",
            ),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=django.contrib.postgres.indexes.GinIndex(fields=["acl"], name="contact_acl"),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=django.contrib.postgres.indexes.GinIndex(
                condition=models.Q(("tags", []), _negated=True), fields=["tags"], name="contact_tags"
            ),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(
                models.F("deleted_at"),
                models.F("id"),
                condition=models.Q(("deleted_at__isnull", False)),
                name="contact_bin",
            ),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(apps.core.database.SortKey("name"), models.F("id"), name="contact_name_sort"),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(apps.core.database.SortKey("last_name"), models.F("id"), name="contact_last_name_sort"),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(apps.core.database.SortKey("email"), models.F("id"), name="contact_email_sort"),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(apps.core.database.SortKey("city"), models.F("id"), name="contact_city_sort"),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(models.F("country"), models.F("id"), name="contact_country_sort"),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(models.F("created_at"), models.F("id"), name="contact_created_at_sort"),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(models.F("updated_at"), models.F("id"), name="contact_updated_at_sort"),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(fields=["owner", "created_at", "id"], name="contact_owner_created_at"),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(fields=["team", "created_at", "id"], name="contact_team_created_at"),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(fields=["owner", "updated_at", "id"], name="contact_owner_updated_at"),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(fields=["team", "updated_at", "id"], name="contact_team_updated_at"),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(
                apps.core.database.SortKey("phone"),
                condition=models.Q(("phone", ""), _negated=True),
                name="contact_phone_match",
            ),
        ),
        migrations.AddConstraint(
            model_name="contact",
            constraint=models.UniqueConstraint(
                condition=models.Q(models.Q(("external_id", ""), _negated=True), ("deleted_at", None)),
                fields=("external_id",),
                name="contact_external_id_once",
                violation_error_message="Another contact has this external ID.",
            ),
        ),
        migrations.AddConstraint(
            model_name="contact",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("reports_to", None), models.Q(("reports_to", models.F("id")), _negated=True), _connector="OR"
                ),
                name="contact_not_own_superior",
                violation_error_message="Nobody reports to themselves.",
            ),
        ),
        migrations.AddIndex(
            model_name="contactphone",
            index=models.Index(
                models.F("e164"), condition=models.Q(("e164", ""), _negated=True), name="contactphone_e164"
            ),
        ),
        migrations.AddIndex(
            model_name="contactposition",
            index=models.Index(fields=["company", "contact"], name="contactposition_company"),
        ),
        migrations.AddConstraint(
            model_name="contactposition",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("started_on", None),
                    ("ended_on", None),
                    ("ended_on__gte", models.F("started_on")),
                    _connector="OR",
                ),
                name="contact_position_ends_after_start",
                violation_error_message="A position can't end before it starts.",
            ),
        ),
        migrations.AddConstraint(
            model_name="contactrelation",
            constraint=models.CheckConstraint(
                condition=models.Q(("contact", models.F("other")), _negated=True),
                name="contact_relation_to_somebody_else",
                violation_error_message="A relation needs two people.",
            ),
        ),
    ]
