"""The Django admin answers no question in an address that the field rules keep from its reader."""

from __future__ import annotations

from typing import Any

import pytest

from apps.core.change import Source, change
from apps.users.models import User
from tests.security.conftest import MakeCompany

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("kind", ["hidden", "masked"])
@pytest.mark.parametrize(
    "question",
    ["tax_id=PT500", "tax_id__startswith=PT", "tax_id__gt=A", "annual_revenue__gt=5", "custom__has_key=x",
     "acl__contains=x", "parent__tax_id=PT500", "owner__password__startswith=a", "description__icontains=s"],
)  # fmt: skip
def test_the_admin_answers_no_question_about_a_kept_field(
    olga: Any, rule: Any, company_of: MakeCompany, client_for: Any, kind: str, question: str
) -> None:
    for field in ("tax_id", "annual_revenue", "description"):
        rule("sales_rep", "company", field, kind)
    company_of(olga, tax_id="PT500", annual_revenue=9, annual_revenue_currency="EUR", description="secret")
    with change(by=None, source=Source.SYSTEM):
        User.objects.filter(pk=olga.pk).update(is_staff=True)
    client = client_for(olga)
    assert "Attacked Ltd" in client.get("/admin/contacts/company/").content.decode()
    answer = client.get(f"/admin/contacts/company/?{question}")
    assert answer.status_code in {302, 400}, "the admin must not filter by it"
