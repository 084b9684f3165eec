"""The pages of jobs and the door to stored files."""

from django.urls import path

from apps.jobs import views

app_name = "jobs"
urlpatterns = [
    path("jobs/", views.job_list, name="list"),
    path("jobs/toast/", views.job_toast, name="toast"),
    path("jobs/<uuid:job_id>/", views.job_detail, name="detail"),
    path("jobs/<uuid:job_id>/cancel/", views.job_cancel, name="cancel"),
    path("jobs/<uuid:job_id>/resume/", views.job_resume, name="resume"),
    path("jobs/<uuid:job_id>/undo/", views.job_undo, name="undo"),
    path("jobs/<uuid:job_id>/errors/", views.job_error_file, name="error_file"),
    path("files/<uuid:file_id>/", views.stored_file, name="file"),
]
