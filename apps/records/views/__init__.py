"""The pages of records: one set for every type, built from its declaration."""
