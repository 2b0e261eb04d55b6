"""The local backend: one process, one SQLite database, files beside it."""
