"""Addresses of the contacts room beyond the pages that every record type has."""

from django.urls import path

from apps.contacts import views

app_name = "contacts"
urlpatterns = [path("address-formats/<str:country>/", views.address_format, name="address_format")]
