"""Handlers in the idioms of many hands, written without sight of the walker that reads them."""
