"""Grants: which verbs of which resource a function can reach, read from its code.

`read.py` is the door. Statements are executed on abstract values (`values.py`) in order, branches
are joined, and calls are followed as long as they stay inside the app; a live object is looked at,
never run.
"""
