"""The contract of tables, a file for each side of it, and the tables it plays with."""
