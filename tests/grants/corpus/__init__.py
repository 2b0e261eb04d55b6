"""An app written to be read: each handler says which verbs it can reach."""
