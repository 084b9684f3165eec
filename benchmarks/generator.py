"""The companies of the big workspace, with realistic skew: accents, long names, missing values, one giant team.

Rows are made inside PostgreSQL, in chunks, with all triggers on: history and access lists are as real as in
use. The same seed gives the same rows.
"""

from __future__ import annotations

from django.db import connection

from apps.core.change import Source, change
from apps.core.registry import registry
from apps.core.search import refresh_search
from apps.users.models import User

SLUG = "bench"

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
