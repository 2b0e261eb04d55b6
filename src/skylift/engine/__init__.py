"""Decides what happens to an event; touches the world through ports."""
