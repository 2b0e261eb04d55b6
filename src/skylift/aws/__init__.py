"""The AWS backend: what a deployed function runs on, and what puts it there."""
