"""What admins shape while everybody works: fields and record types of the workspace."""
