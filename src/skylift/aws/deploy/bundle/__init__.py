"""What a function imports, and nothing else, as a zip: read, compiled, compressed, written."""
