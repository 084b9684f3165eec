"""Packs: objects, fields, choices and demo rows as one file, loaded and removed as one."""
