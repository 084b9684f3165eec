"""The people of the big workspace: with positions, e-mail addresses and phones, made inside PostgreSQL.

Skewed like real ones: names in several scripts, some very long; a tenth without a company, a third of the others at
the biggest hundred; missing e-mail addresses and phones; everything owned by the same people as the companies.
"""

from __future__ import annotations

from typing import Any

from django.db import connection

from apps.core.change import Source, change
from apps.core.registry import registry
from apps.core.search import refresh_search
from apps.users.models import User
from benchmarks.generator import CITIES, COUNTRIES
from benchmarks.names import FAMILY, GIVEN, LANGUAGES, TITLES


def add_contacts(start: int, count: int) -> None:
    """Insert ``count`` people numbered from ``start``, with their parts, history, access lists and search terms."""
    with change(by=None, source=Source.SYSTEM, reason="benchmark"), connection.cursor() as cursor:
        cursor.execute("SELECT setseed(%s)", [(start % 1000) / 1000])
        _make_companies_handy(cursor)
        ids = _insert(cursor, start, count)
        _insert_parts(cursor, ids)
        refresh_search(registry.get("contact"), ids)


def _make_companies_handy(cursor: Any) -> None:
    """A numbered list of the companies, for this transaction."""
    cursor.execute(
        "CREATE TEMPORARY TABLE bench_company ON COMMIT DROP AS "
        "SELECT row_number() OVER (ORDER BY id) - 1 AS number, id FROM contacts_company WHERE deleted_at IS NULL"
    )
    cursor.execute("CREATE INDEX ON bench_company (number)")
    cursor.execute("ANALYZE bench_company")


def _insert(cursor: Any, start: int, count: int) -> list[Any]:
    reps = User.objects.filter(username__startswith="bench-rep-").order_by("username").values_list("pk", "team_id")
    cursor.execute("SELECT count(*) FROM bench_company")
    companies = cursor.fetchone()[0]
    cursor.execute(
        """
        INSERT INTO contacts_contact (
          id, owner_id, team_id, shared, origin, external_id, custom, version, created_at, updated_at, name,
          salutation, first_name, middle_name, last_name, status, company_id, title, department, email, phone,
          website, city, country, birth_date, gender, language, languages, time_zone, background, description)
        SELECT uuidv7(), (%(owners)s::uuid[])[o], (%(teams)s::uuid[])[o], '{}', 'import', 'P' || n, '{}', 1, at, at,
          given || ' ' || family, '', given, '', family,
          CASE WHEN r < 0.5 THEN 'prospect' WHEN r < 0.9 THEN 'customer' ELSE 'former' END,
          company.id, (%(titles)s::text[])[1 + n %% %(title_count)s], '',
          CASE WHEN n %% 5 = 0 THEN '' ELSE 'person' || n || '@' || (n %% 4999) || '.example' END,
          CASE WHEN n %% 4 = 0 THEN '' ELSE '+351 9' || lpad((n %% 99999999)::text, 8, '0') END,
          '', (%(cities)s::text[])[c], (%(countries)s::text[])[c],
          CASE WHEN n %% 3 = 0 THEN date '1950-01-01' + n %% 20000 END, '',
          (%(languages)s::text[])[1 + n %% %(language_count)s], '[]', '', '',
          CASE WHEN n %% 20 = 0 THEN repeat('Met at the fair in hall ' || n %% 12 || '. ', 8) ELSE '' END
        FROM (
          SELECT n, random() AS r, 1 + floor(random() * %(city_count)s)::int AS c,
            (%(given)s::text[])[1 + floor(random() * %(given_count)s)::int] AS given,
            (%(family)s::text[])[1 + floor(random() * %(family_count)s)::int]
              || CASE WHEN n %% 7 = 0 THEN '-' || (%(family)s::text[])[1 + n %% %(family_count)s] ELSE '' END
              AS family,
            1 + floor(random() ^ 2 * %(reps)s)::int AS o,
            CASE WHEN n %% 10 = 0 THEN NULL WHEN n %% 3 = 0 THEN n %% 100 ELSE n %% %(companies)s END AS works_at,
            now() - (random() * interval '1500 days') AS at
          FROM generate_series(%(start)s::int, %(end)s::int) n
        ) made
        LEFT JOIN bench_company company ON company.number = made.works_at
        RETURNING id
        """,
        {
            "owners": [pk for pk, _team in reps],
            "teams": [team for _pk, team in reps],
            "given": list(GIVEN),
            "given_count": len(GIVEN),
            "family": list(FAMILY),
            "family_count": len(FAMILY),
            "titles": list(TITLES),
            "title_count": len(TITLES),
            "languages": list(LANGUAGES),
            "language_count": len(LANGUAGES),
            "cities": list(CITIES),
            "countries": list(COUNTRIES),
            "city_count": len(CITIES),
            "reps": len(reps),
            "companies": max(companies, 1),
            "start": start,
            "end": start + count - 1,
        },
    )
    return [row[0] for row in cursor.fetchall()]


def _insert_parts(cursor: Any, ids: list[Any]) -> None:
    """The rows of which the columns of the people are copies."""
    cursor.execute(
        """
        INSERT INTO contacts_contactposition (id, position, contact_id, company_id, title, department, role, authority)
        SELECT uuidv7(), 0, id, company_id, title, '', '', '' FROM contacts_contact
        WHERE id = ANY(%(ids)s) AND (company_id IS NOT NULL OR title <> '')
        """,
        {"ids": ids},
    )
    cursor.execute(
        """
        INSERT INTO contacts_contactemail (id, position, contact_id, kind, address)
        SELECT uuidv7(), 0, id, 'work', email FROM contacts_contact WHERE id = ANY(%(ids)s) AND email <> ''
        """,
        {"ids": ids},
    )
    cursor.execute(
        """
        INSERT INTO contacts_contactphone (id, position, contact_id, kind, number, e164)
        SELECT uuidv7(), 0, id, 'mobile', phone, replace(phone, ' ', '') FROM contacts_contact
        WHERE id = ANY(%(ids)s) AND phone <> ''
        """,
        {"ids": ids},
    )
    cursor.execute(
        """
        INSERT INTO contacts_contactaddress (id, position, contact_id, kind, street, postcode, city, region, country)
        SELECT uuidv7(), 0, id, 'office', '', '', city, '', country FROM contacts_contact WHERE id = ANY(%(ids)s)
        """,
        {"ids": ids},
    )
