"""Search: the words of records, what a list finds by them, and what is found among everything."""

from apps.records.search.filtering import search_hits
from apps.records.search.finding import Group, Hit, find
from apps.records.search.indexing import refresh
from apps.records.search.words import words_of

__all__ = ["Group", "Hit", "find", "refresh", "search_hits", "words_of"]
