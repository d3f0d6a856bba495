"""What versions are made of: read, done again, compared, undone."""
