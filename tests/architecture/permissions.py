"""Who may ask for what: one line for each address of the product.

A line holds the method that is tried and the answers that Olga (owner), Tariq (teammate), Mina (their manager),
Stan (stranger), the admin, Carla (customer), Nils (admin of another workspace, at its address) and nobody get.
``L`` is the way to the sign-in page. An address without a line fails the test, and so does a line without an
address. What exists in one workspace alone is 404 for Nils.
"""

from __future__ import annotations

from typing import Any, Final

Line = tuple[str, tuple[Any, ...]]
CAST = ("olga", "tariq", "mina", "stan", "admin", "carla", "nils", "nobody")
L: Final = "login"
OTHER_TESTS = ("admin:", "admin/", "api/v1/", "api_")
"""What other tests walk: the admin in this room, the API in tests/api."""

RECORD_PAGES: dict[str, Line] = {
    "new": ("get", (200, 200, 200, 200, 200, 403, 200, L)),
    "new_draft": ("post", (204, 204, 204, 204, 204, 403, 204, L)),
    "import": ("get", (200, 200, 200, 200, 200, 403, 200, L)),
    "import_template": ("get", (200, 200, 200, 200, 200, 403, 200, L)),
    "import_map": ("get", (404, 404, 404, 404, 404, 403, 404, L)),
    "import_check": ("get", (404, 404, 404, 404, 404, 403, 404, L)),
    "import_refused": ("get", (404, 404, 404, 404, 404, 403, 404, L)),
    "draft": ("post", (204, 403, 204, 404, 204, 403, 404, L)),
    "notes": ("post", (302, 302, 302, 404, 302, 403, 404, L)),
    "note": ("post", (302, 403, 302, 404, 302, 403, 404, L)),
    "list": ("get", (200, 200, 200, 200, 200, 403, 200, L)),
    "filters": ("get", (200, 200, 200, 200, 200, 403, 200, L)),
    "state": ("post", (400, 400, 400, 400, 400, 403, 400, L)),
    "bulk": ("post", (302, 302, 302, 302, 302, 403, 302, L)),
    "export": ("get", (200, 200, 200, 200, 200, 403, 200, L)),
    "bin": ("get", (200, 200, 200, 200, 200, 403, 200, L)),
    "restore": ("post", (302, 403, 302, 404, 302, 403, 404, L)),
    "detail": ("get", (200, 200, 200, 404, 200, 403, 404, L)),
    "edit": ("get", (200, 403, 200, 404, 200, 403, 404, L)),
    "delete": ("post", (302, 403, 302, 404, 302, 403, 404, L)),
    "field": ("get", (302, 403, 302, 404, 302, 403, 404, L)),
    "timeline": ("get", (200, 200, 200, 404, 200, 403, 404, L)),
    "history": ("get", (200, 200, 200, 404, 200, 403, 404, L)),
    "tree": ("get", (200, 200, 200, 404, 200, 403, 404, L)),
    "history_restore": ("post", (302, 403, 302, 404, 302, 403, 404, L)),
}
"""The pages of every record type, by the end of their name. The record and the note on it are Olga's."""

LINES: dict[str, Line] = {
    "healthz": ("get", (200, 200, 200, 200, 200, 200, 200, 200)),
    "readyz": ("get", (200, 200, 200, 200, 200, 200, 200, 200)),
    "account_login": ("get", (302, 302, 302, 302, 302, 302, 302, 200)),
    "account_logout": ("get", (200, 200, 200, 200, 200, 200, 200, 302)),
    "account_inactive": ("get", (200, 200, 200, 200, 200, 200, 200, 200)),
    "account_signup": ("get", (302, 302, 302, 302, 302, 302, 302, 200)),
    "account_reauthenticate": ("get", (200, 200, 200, 200, 200, 200, 200, L)),
    "account_email": ("get", (200, 200, 200, 200, 200, 403, 200, L)),
    "account_email_verification_sent": ("get", (200, 200, 200, 200, 200, 200, 200, 200)),
    "account_change_password": ("get", (200, 200, 200, 200, 200, 200, 200, L)),
    "account_set_password": ("get", (302, 302, 302, 302, 302, 403, 302, L)),
    "account_reset_password": ("get", (200, 200, 200, 200, 200, 200, 200, 200)),
    "account_confirm_login_code": ("get", (302, 302, 302, 302, 302, 302, 302, L)),
    "account_confirm_email": ("get", (200, 200, 200, 200, 200, 200, 200, 200)),
    "account_reset_password_from_key_done": ("get", (200, 200, 200, 200, 200, 200, 200, 200)),
    "account_reset_password_from_key": ("get", (200, 200, 200, 200, 200, 200, 200, 200)),
    "account_reset_password_done": ("get", (200, 200, 200, 200, 200, 200, 200, 200)),
    "usersessions_list": ("get", (200, 200, 200, 200, 200, 403, 200, L)),
    "users:profile": ("get", (200, 200, 200, 200, 200, 200, 200, L)),
    "users:keys": ("get", (200, 200, 200, 200, 200, 403, 200, L)),
    "users:key_revoke": ("post", (404, 404, 404, 404, 404, 403, 404, L)),
    "users:client_cut_off": ("post", (404, 404, 404, 404, 404, 403, 404, L)),
    "idp:oidc:configuration": ("get", (200, 200, 200, 200, 200, 200, 200, 200)),
    "idp:oidc:metadata": ("get", (200, 200, 200, 200, 200, 200, 200, 200)),
    "idp:oidc:jwks": ("get", (200, 200, 200, 200, 200, 200, 200, 200)),
    "idp:oidc:authorization": ("get", (400, 400, 400, 400, 400, 403, 400, L)),
    "idp:oidc:token": ("post", (400, 400, 400, 400, 400, 400, 400, 400)),
    "idp:oidc:revoke": ("post", (400, 400, 400, 400, 400, 400, 400, 400)),
    "idp:oidc:userinfo": ("get", (401, 401, 401, 401, 401, 401, 401, 401)),
    "users:theme": ("post", (400, 400, 400, 400, 400, 400, 400, L)),
    "users:photo": ("get", (404, 404, 404, 404, 404, 403, 404, L)),
    "users:invitation": ("get", (410, 410, 410, 410, 410, 410, 410, 410)),
    "users:settings": ("get", (200, 200, 200, 200, 200, 403, 200, L)),
    "users:people": ("get", (403, 403, 200, 403, 200, 403, 200, L)),
    "users:invite": ("get", (403, 403, 200, 403, 200, 403, 200, L)),
    "users:person": ("get", (403, 403, 200, 403, 200, 403, 404, L)),
    "users:edit": ("get", (403, 403, 200, 403, 200, 403, 404, L)),
    "users:deactivate": ("post", (403, 403, 302, 403, 302, 403, 404, L)),
    "users:reactivate": ("post", (403, 403, 302, 403, 302, 403, 404, L)),
    "users:sign_out": ("post", (403, 403, 302, 403, 302, 403, 404, L)),
    "users:invite_again": ("post", (403, 403, 302, 403, 302, 403, 404, L)),
    "users:hand_over": ("get", (403, 403, 200, 403, 200, 403, 404, L)),
    "users:teams": ("get", (403, 403, 403, 403, 200, 403, 200, L)),
    "users:team_new": ("get", (403, 403, 403, 403, 200, 403, 200, L)),
    "users:team": ("get", (403, 403, 403, 403, 200, 403, 404, L)),
    "users:team_delete": ("post", (403, 403, 403, 403, 302, 403, 404, L)),
    "users:territories": ("get", (403, 403, 403, 403, 200, 403, 200, L)),
    "users:territory_new": ("get", (403, 403, 403, 403, 200, 403, 200, L)),
    "users:territory": ("get", (403, 403, 403, 403, 404, 403, 404, L)),
    "users:territory_delete": ("post", (403, 403, 403, 403, 404, 403, 404, L)),
    "users:lines": ("get", (403, 403, 403, 403, 200, 403, 200, L)),
    "users:security": ("get", (403, 403, 403, 403, 200, 403, 200, L)),
    "users:access_log": ("get", (403, 403, 403, 403, 200, 403, 200, L)),
    "users:shares": ("get", (200, 403, 200, 404, 200, 403, 404, L)),
    "users:unshare": ("post", (404, 403, 404, 404, 404, 403, 404, L)),
    "users:why": ("get", (200, 200, 200, 404, 200, 403, 404, L)),
    "jobs:list": ("get", (200, 200, 200, 200, 200, 403, 200, L)),
    "jobs:toast": ("get", (200, 200, 200, 200, 200, 403, 200, L)),
    "jobs:detail": ("get", (200, 404, 404, 404, 200, 403, 404, L)),
    "jobs:cancel": ("post", (302, 404, 404, 404, 302, 403, 404, L)),
    "jobs:resume": ("post", (302, 404, 404, 404, 302, 403, 404, L)),
    "jobs:undo": ("post", (302, 404, 404, 404, 302, 403, 404, L)),
    "jobs:error_file": ("get", (404, 404, 404, 404, 404, 403, 404, L)),
    "jobs:file": ("get", (404, 404, 404, 404, 404, 403, 404, L)),
    "events:bell": ("get", (200, 200, 200, 200, 200, 403, 200, L)),
    "events:read": ("post", (302, 302, 302, 302, 302, 403, 302, L)),
    "events:open": ("get", (404, 404, 404, 404, 404, 403, 404, L)),
    "messaging:outbox": ("get", (403, 403, 403, 403, 200, 403, 200, L)),
    "messaging:message": ("get", (403, 403, 403, 403, 404, 403, 404, L)),
    "messaging:message_html": ("get", (403, 403, 403, 403, 404, 403, 404, L)),
    "records:home": ("get", (200, 200, 200, 200, 200, 403, 200, L)),
    "contacts:address_format": ("get", (404, 404, 404, 404, 404, 403, 404, L)),
    "records:references": ("get", (200, 200, 200, 200, 200, 403, 200, L)),
    "problem_help": ("get", (200, 200, 200, 200, 200, 403, 200, L)),
}
"""Every other address, by its name."""
