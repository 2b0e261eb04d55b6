"""The same app as `bench/apps/jotter`, as a competent developer writes it with each framework.

Nothing here is slower than it has to be: one SQLite connection in WAL with synchronous=NORMAL (the
durability of ours), ids that arrive in key order as ours do, no logging, validation by the library
each framework is built around, unknown fields refused as ours refuses them.
"""
