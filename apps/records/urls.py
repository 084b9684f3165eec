"""Addresses of records: the pages of every type by one pattern, types of the workspace below ``o/``."""

from __future__ import annotations

from typing import Any

from django.urls import URLPattern, path

from apps.core.registry import registry
from apps.records.models import Activity
from apps.records.views import (
    bulk,
    editing,
    exporting,
    history,
    home,
    importing,
    inline,
    listing,
    packs,
    reading,
    saved_views,
    searching,
    shaping,
    tags,
    timeline,
    tree,
)

app_name = "records"


def pages(prefix: str, name: str, *, activity: bool = False, has_tree: bool = False, **fixed: Any) -> list[URLPattern]:
    """The pages of one type, or, with a prefix that names ``plural``, of all types of the workspace.

    An ``activity`` (a note) is made on the record that it is about, never alone.
    """

    def page(rest: str, view: Any, end: str) -> URLPattern:
        return path(f"{prefix}/{rest}", view.as_view(**fixed), name=f"{name}_{end}")

    shared = [
        page("", listing.ListView, "list"),
        page("filters/", listing.FiltersView, "filters"),
        page("state/", listing.StateView, "state"),
        page("bulk/", bulk.BulkView, "bulk"),
        page("views/", saved_views.ManageView, "views"),
        page("views/new/", saved_views.NewView, "view_new"),
        page("views/<uuid:view_id>/", saved_views.SettingsView, "view"),
        page("views/<uuid:view_id>/save/", saved_views.SaveView, "view_save"),
        page("views/<uuid:view_id>/delete/", saved_views.DeleteSavedView, "view_delete"),
        page("views/<uuid:view_id>/restore/", saved_views.RestoreSavedView, "view_restore"),
        page("views/<uuid:view_id>/versions/<int:history_id>/", saved_views.RestoreSavedViewVersion, "view_version"),
        page("export/", exporting.ExportView, "export"),
        page("bin/", reading.BinView, "bin"),
        page("bin/<uuid:record_id>/restore/", reading.RestoreView, "restore"),
        page("<uuid:record_id>/", reading.DetailView, "detail"),
        page("<uuid:record_id>/edit/", editing.EditView, "edit"),
        page("<uuid:record_id>/delete/", reading.DeleteView, "delete"),
        page("<uuid:record_id>/field/<slug:key>/", inline.FieldView, "field"),
        page("<uuid:record_id>/timeline/", timeline.TimelineView, "timeline"),
        page("<uuid:record_id>/history/", history.HistoryView, "history"),
        page("<uuid:record_id>/history/<int:history_id>/restore/", history.RestoreVersionView, "history_restore"),
    ]
    if has_tree:
        shared.append(page("<uuid:record_id>/tree/", tree.TreeView, "tree"))
    if activity:
        return shared
    return [
        page("new/", editing.CreateView, "new"),
        page("new/draft/", editing.DraftView, "new_draft"),
        page("import/", importing.UploadView, "import"),
        page("import/template.csv", importing.TemplateView, "import_template"),
        page("import/<uuid:file_id>/", importing.MapView, "import_map"),
        page("import/<uuid:file_id>/check/", importing.CheckView, "import_check"),
        page("import/<uuid:file_id>/refused.csv", importing.RefusedView, "import_refused"),
        page("<uuid:record_id>/draft/", editing.DraftView, "draft"),
        page("<uuid:record_id>/notes/", timeline.NotesView, "notes"),
        page("<uuid:record_id>/notes/<uuid:note_id>/<slug:verb>/", timeline.NoteView, "note"),
        *shared,
    ]


shaping_pages = [
    path("settings/packs/", packs.packs, name="packs"),
    path("settings/packs/upload/", packs.upload_pack, name="pack_upload"),
    path("settings/packs/<slug:key>/load/", packs.load_pack, name="pack_load"),
    path("settings/packs/<slug:key>/remove/", packs.remove_pack, name="pack_remove"),
    path("settings/records/", shaping.index, name="shaping"),
    path("settings/records/objects/new/", shaping.edit_object, name="object_new"),
    path("settings/records/objects/<slug:key>/", shaping.edit_object, name="object"),
    path("settings/records/objects/<slug:key>/delete/", shaping.delete_object, name="object_delete"),
    path("settings/records/<str:type_key>/fields/", shaping.fields, name="fields"),
    path("settings/records/<str:type_key>/fields/new/", shaping.new_field, name="field_new"),
    path("settings/records/<str:type_key>/fields/order/", shaping.order_fields, name="field_order"),
    path("settings/records/<str:type_key>/field/<slug:key>/", shaping.edit_field, name="field_edit"),
    path("settings/records/<str:type_key>/field/<slug:key>/use/", shaping.use_field, name="field_use"),
    path("settings/records/<str:type_key>/field/<slug:key>/delete/", shaping.delete_field, name="field_delete"),
]

tag_pages = [
    path("settings/tags/", tags.index, name="tags"),
    path("settings/tags/new/", tags.edit, name="tag_new"),
    path("settings/tags/tag/<str:key>/", tags.edit, name="tag"),
    path("settings/tags/tag/<str:key>/merge/", tags.merge, name="tag_merge"),
    path("settings/tags/tag/<str:key>/delete/", tags.delete, name="tag_delete"),
]

urlpatterns: list[URLPattern] = [
    path("", home.home, name="home"),
    path("references/<str:target>/", home.references, name="references"),
    path("search/", searching.search, name="search"),
    *shaping_pages,
    *tag_pages,
    *(
        page
        for record_type in registry.code_types()
        for page in pages(
            record_type.path,
            record_type.key,
            activity=issubclass(record_type.model, Activity),
            has_tree=bool(record_type.tree_field),
            type_key=record_type.key,
        )
    ),
    *pages("o/<slug:plural>", "custom"),
]
