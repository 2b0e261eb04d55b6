"""An app as a frozen, validated description: everything below reads it and never the app."""
