"""The tags of a workspace: made while typing, renamed, merged and deleted by admins."""
