"""Beat's schedule is the installation's: nobody inside a workspace may see or change it.

``django_celery_beat`` stands before this app in ``SHARED_APPS``, so its admin pages are there to be removed.
Workspaces themselves are managed on the command line.
"""

from django.contrib import admin
from django_celery_beat.models import ClockedSchedule, CrontabSchedule, IntervalSchedule, PeriodicTask, SolarSchedule

for model in (ClockedSchedule, CrontabSchedule, IntervalSchedule, PeriodicTask, SolarSchedule):
    admin.site.unregister(model)
