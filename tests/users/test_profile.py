"""The profile: photo, language, time zone, theme."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation
from PIL import Image

from apps.core.dates import date_style, date_text, moment_text
from apps.users.models import User
from tests.cast import make_person


def profile(**values: Any) -> dict[str, Any]:
    return {
        "first_name": "Olga",
        "last_name": "Orlova",
        "language": "",
        "time_zone": "",
        "date_format": "language",
        "currency": "",
        "theme": "auto",
        "density": "comfortable",
        "signature": "",
        **values,
    }


def picture(kind: str = "PNG", size: tuple[int, int] = (900, 600), **save: Any) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "teal").save(out, kind, **save)
    return out.getvalue()


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def upload(content: bytes, name: str = "me.png", content_type: str = "image/png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type)


def test_saved_and_in_the_history(olga: User, client_for: Any) -> None:
    data = profile(first_name="Ольга", time_zone="Europe/Madrid", currency="EUR", signature="Best\n-- \nOlga")
    assert client_for(olga).post("/profile/", data).status_code == 302
    olga.refresh_from_db()
    assert (olga.first_name, olga.time_zone, olga.currency) == ("Ольга", "Europe/Madrid", "EUR")
    assert olga.history.first().history_user_id == olga.pk


@pytest.mark.parametrize(
    "bad",
    [{"language": "xx"}, {"time_zone": "Mars/Base"}, {"theme": "pink"}, {"first_name": "a\0b"}, {"currency": "X"}],
)
def test_refused(olga: User, client_for: Any, bad: dict[str, str]) -> None:
    assert client_for(olga).post("/profile/", profile(**bad)).status_code == 422


def test_nobody_lifts_herself(olga: User, client_for: Any) -> None:
    client_for(olga).post("/profile/", profile(is_superuser="on", is_staff="on", kind="service", username="root"))
    olga.refresh_from_db()
    assert (olga.is_superuser, olga.is_staff, olga.kind, olga.username) == (False, False, "staff", "test-olga")


class TestPhoto:
    def test_kept_small_and_without_what_the_camera_wrote(self, olga: User, stan: User, client_for: Any) -> None:
        exif = Image.Exif()
        exif[0x010E] = "secret place"
        photo = upload(picture("JPEG", exif=exif), "../../evil.jpg", "image/jpeg")
        assert client_for(olga).post("/profile/", profile(photo=photo)).status_code == 302
        olga.refresh_from_db()
        assert olga.photo.name.startswith("w_main/photo/")
        with Image.open(olga.photo.path) as kept:
            assert (kept.format, kept.size) == ("WEBP", (256, 256))
            assert not dict(kept.getexif())
        served = client_for(stan).get(olga.photo_url)
        assert (served.status_code, served["Content-Type"]) == (200, "image/webp")
        assert client_for(None).get(olga.photo_url).status_code == 302

    def test_a_new_one_replaces_the_file(
        self, olga: User, client_for: Any, tmp_path: Any, django_capture_on_commit_callbacks: Any
    ) -> None:
        for _round in range(2):
            with django_capture_on_commit_callbacks(execute=True):
                client_for(olga).post("/profile/", profile(photo=upload(picture())))
        assert len(list(tmp_path.rglob("*.webp"))) == 1

    @pytest.mark.parametrize(
        "content",
        [b"", b"GIF89a but not really", b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", b"%PDF-1.7 x"],
    )
    def test_judged_by_content(self, olga: User, client_for: Any, content: bytes) -> None:
        assert client_for(olga).post("/profile/", profile(photo=upload(content))).status_code == 422

    def test_judged_by_size(self, olga: User, client_for: Any) -> None:
        big = picture() + b"\0" * (5 * 1024 * 1024)
        assert client_for(olga).post("/profile/", profile(photo=upload(big))).status_code == 422
        bomb = picture(size=(10_000, 10_000))
        assert client_for(olga).post("/profile/", profile(photo=upload(bomb))).status_code == 422


class TestPreferences:
    def test_language_of_the_page(self, olga: User, client_for: Any) -> None:
        browser = client_for(olga)
        assert browser.get("/profile/", headers={"Accept-Language": "es"})["Content-Language"] == "es"
        User.objects.filter(pk=olga.pk).update(language="ar")
        page = browser.get("/profile/")
        assert page["Content-Language"] == "ar"
        assert 'dir="rtl"' in page.content.decode()
        assert client_for(None).get("/accounts/login/")["Content-Language"] == "en"

    def test_theme_by_one_click(self, olga: User, client_for: Any) -> None:
        browser = client_for(olga)
        assert browser.post("/profile/theme/", {"theme": "dark"}).status_code == 204
        assert 'data-bs-theme="dark"' in browser.get("/profile/").content.decode()
        assert browser.post("/profile/theme/", {"theme": "pink"}).status_code == 400
        assert browser.get("/profile/theme/").status_code == 405

    def test_time_zone_that_no_longer_exists(self, olga: User, client_for: Any) -> None:
        User.objects.filter(pk=olga.pk).update(time_zone="Mars/Base")
        assert client_for(olga).get("/profile/").status_code == 200


@pytest.mark.parametrize(
    ("style", "day"),
    [("iso", "2026-03-09"), ("day_first", "09/03/2026"), ("month_first", "03/09/2026"), ("dotted", "09.03.2026")],
)
def test_dates_in_the_chosen_style(olga: User, client_for: Any, style: str, day: str) -> None:
    moment = dt.datetime(2026, 3, 8, 23, 30, tzinfo=dt.UTC)
    User.objects.filter(pk=olga.pk).update(date_format=style, time_zone="Europe/Madrid")
    admin = make_person("style-admin", role="admin", date_format=style, time_zone="Europe/Madrid")
    User.objects.filter(pk=olga.pk).update(last_login=moment)
    page = client_for(admin).get("/settings/people/?q=olga").content.decode()
    assert f'title="{day} 12:30 a.m."' in page, "her zone, her style"


def test_dates_follow_the_language_otherwise() -> None:
    moment = dt.datetime(2026, 3, 9, 12, 0, tzinfo=dt.UTC)
    assert moment_text(moment) == "March 9, 2026, noon"
    with translation.override("es"), date_style("language"):
        assert date_text(moment.date()) == "9 de marzo de 2026"
