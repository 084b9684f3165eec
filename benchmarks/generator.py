"""A big workspace with realistic skew: accents, long names, missing values, one giant team.

Rows are made inside PostgreSQL, in chunks, with all triggers on: history and access lists are as real as in
use. The same seed gives the same workspace.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from django.db import connection
from django.utils import timezone
from django_tenants.utils import tenant_context

from apps.core.change import Source, change
from apps.core.registry import registry
from apps.core.search import refresh_search
from apps.users.models import Role, RoleMembership, Team, User
from apps.users.shipped import ensure_shipped_roles
from apps.workspaces.models import Workspace
from apps.workspaces.services import create_workspace

SLUG = "bench"
CHUNK = 25_000
TEAMS = 8
PEOPLE = 60

FIRST = [
    "Lúmen",
    "Nordwind",
    "Äther",
    "Ostrava",
    "São",
    "Évora",
    "Wrocław",
    "Zürich",
    "Malmö",
    "İzmir",
    "Brno",
    "Acme",
    "Globex",
    "Initech",
    "Umbra",
    "Vértice",
    "Kestrel",
    "Halcyon",
    "Ibis",
    "Juniper",
    "Larkspur",
    "Meridian",
    "Nimbus",
    "Orchid",
    "Pinnacle",
    "Quartz",
    "Rowan",
    "Solstice",
    "Tundra",
    "Umber",
    "Verdant",
    "Willow",
    "Xenon",
    "Yarrow",
    "Zephyr",
    "Alder",
    "Birch",
    "Cedar",
    "Delta",
    "Ember",
    "Fjord",
    "Garnet",
    "Harbor",
    "Ivory",
    "Jasper",
    "Krypton",
]
SECOND = [
    "Foods",
    "Logistik",
    "Energía",
    "Software",
    "Medical",
    "Systems",
    "Holding",
    "Partners",
    "Werke",
    "Textiles",
    "Marine",
    "Solar",
    "Media",
    "Capital",
    "Robotics",
    "Labs",
    "Consulting",
    "Construction",
    "Pharma",
    "Optics",
    "Travel",
    "Motors",
    "Paper",
    "Glass",
    "Steel",
    "Farms",
    "Bank",
    "Insurance",
    "Telecom",
    "Networks",
    "Studios",
    "Foundation",
    "Chemicals",
    "Analytics",
    "Gardens",
    "Aviation",
    "Rail",
    "Water",
    "Security",
    "Education",
]
ENDINGS = ("GmbH", "Ltd", "S.A.", "Lda", "Inc", "AG", "Oy", "BV", "SARL", "& Söhne KG")
CITIES = [
    "Lisboa",
    "Porto",
    "Madrid",
    "Barcelona",
    "Paris",
    "Lyon",
    "Berlin",
    "Hamburg",
    "München",
    "Wien",
    "Zürich",
    "Praha",
    "Brno",
    "Warszawa",
    "Kraków",
    "London",
    "Leeds",
    "Dublin",
    "Oslo",
    "Malmö",
    "Helsinki",
    "Tallinn",
    "Roma",
    "Milano",
    "Athína",
    "İstanbul",
    "Tokyo",
    "Osaka",
    "Delhi",
    "Mumbai",
    "Toronto",
    "Austin",
]
COUNTRIES = [
    "PT",
    "PT",
    "ES",
    "ES",
    "FR",
    "FR",
    "DE",
    "DE",
    "DE",
    "AT",
    "CH",
    "CZ",
    "CZ",
    "PL",
    "PL",
    "GB",
    "GB",
    "IE",
    "NO",
    "SE",
    "FI",
    "EE",
    "IT",
    "IT",
    "GR",
    "TR",
    "JP",
    "JP",
    "IN",
    "IN",
    "CA",
    "US",
]
INDUSTRIES = ("software", "retail", "manufacturing", "finance", "medical", "logistics", "energy", "media")


def load(companies: int, report: Callable[[str], None]) -> Workspace:
    """Make the workspace ``w_bench`` with so many companies, or fill it up to that number."""
    workspace = Workspace.objects.filter(schema_name=f"w_{SLUG}").first()
    if workspace is None:
        workspace = create_workspace(name="Benchmark", slug=SLUG, domain="bench.localhost")
    with tenant_context(workspace):
        people()
        company = registry.get("company")
        there = company.rows().count()
        started = time.perf_counter()
        while there < companies:
            size = min(CHUNK, companies - there)
            add_companies(there, size)
            there += size
            rate = there / (time.perf_counter() - started)
            report(f"{there:,} of {companies:,} companies, {rate:,.0f} a second")
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    return workspace


def people() -> None:
    """Sixty people in eight teams; half of them in the first one. Rep, manager and admin are measured."""
    if User.objects.filter(username="bench-admin").exists():
        return
    with change(by=None, source=Source.SYSTEM, reason="benchmark") as opened:
        ensure_shipped_roles(change=opened)
        teams = [Team.objects.create(name=f"Team {number}") for number in range(TEAMS)]
        manager = _person("bench-manager", "manager", teams[0], None)
        _person("bench-admin", "admin", None, None)
        for number in range(PEOPLE):
            team = teams[0] if number % 2 else teams[1 + number // 2 % (TEAMS - 1)]
            _person(f"bench-rep-{number}", "sales_rep", team, manager if team == teams[0] else None)


def _person(username: str, role: str, team: Team | None, manager: User | None) -> User:
    user = User(
        username=username,
        email=f"{username}@bench.invalid",
        first_name=username.title(),
        team=team,
        manager=manager,
        is_superuser=role == "admin",
        is_staff=role == "admin",
        password_changed_at=timezone.now(),
    )
    user.set_unusable_password()
    user.save()
    RoleMembership.objects.create(user=user, group=Role.objects.get(key=role).group)
    return user


def add_companies(start: int, count: int) -> None:
    """Insert ``count`` companies numbered from ``start``, with history, access lists and search terms."""
    reps = list(
        User.objects.filter(username__startswith="bench-rep-").order_by("username").values_list("pk", "team_id")
    )
    owners, teams = [rep[0] for rep in reps], [rep[1] for rep in reps]
    with change(by=None, source=Source.SYSTEM, reason="benchmark"), connection.cursor() as cursor:
        cursor.execute("SELECT setseed(%s)", [(start % 1000) / 1000])
        cursor.execute(
            """
            INSERT INTO contacts_company (
              id, owner_id, team_id, shared, origin, external_id, custom, version, created_at, updated_at, name,
              legal_name, status, industry, website, email, phone, city, country, employees, size, annual_revenue,
              annual_revenue_currency, founded, legal_type, tax_id, registration_number, description)
            SELECT uuidv7(), (%(owners)s::uuid[])[o], (%(teams)s::uuid[])[o], '{}', 'import', 'B' || n, '{}', 1,
              at, at,
              (%(first)s::text[])[f] || ' ' || (%(second)s::text[])[s] || ' ' || (%(endings)s::text[])[1 + n %% 10]
                || CASE WHEN n %% 50 = 0 THEN repeat(' International', 4) ELSE '' END || ' ' || n %% 997,
              '', CASE WHEN r < 0.6 THEN 'prospect' WHEN r < 0.9 THEN 'customer' ELSE 'former' END,
              CASE WHEN n %% 7 = 0 THEN '' ELSE (%(industries)s::text[])[1 + n %% 8] END,
              'https://' || lower(public.nc_unaccent((%(second)s::text[])[s])) || n || '.example',
              CASE WHEN n %% 3 = 0 THEN '' ELSE 'info@' || n || '.example' END,
              '+351 2' || lpad((n %% 99999999)::text, 8, '0'), (%(cities)s::text[])[c], (%(countries)s::text[])[c],
              CASE WHEN n %% 4 = 0 THEN NULL ELSE (exp(random() * 9))::int END, '',
              CASE WHEN n %% 3 = 0 THEN NULL ELSE round((exp(random() * 14))::numeric, 2) END,
              CASE WHEN n %% 3 = 0 THEN '' ELSE 'EUR' END, 1900 + n %% 125, '', '', '', ''
            FROM (
              SELECT n, random() AS r, 1 + floor(random() * 46)::int AS f, 1 + floor(random() * 40)::int AS s,
                1 + floor(random() * 32)::int AS c, 1 + floor(random() ^ 2 * %(reps)s)::int AS o,
                now() - (random() * interval '1500 days') AS at
              FROM generate_series(%(start)s::int, %(end)s::int) n
            ) made
            RETURNING id
            """,
            {
                "owners": owners,
                "teams": teams,
                "first": list(FIRST),
                "second": list(SECOND),
                "endings": list(ENDINGS),
                "cities": list(CITIES),
                "countries": list(COUNTRIES),
                "industries": list(INDUSTRIES),
                "reps": len(reps),
                "start": start,
                "end": start + count - 1,
            },
        )
        ids = [row[0] for row in cursor.fetchall()]
        refresh_search(registry.get("company"), ids)
