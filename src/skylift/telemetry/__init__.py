"""Spans, logs and metrics: records and their store, written off the hot path and read by anyone."""
