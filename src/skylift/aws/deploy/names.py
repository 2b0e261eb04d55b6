"""What things are called on AWS. A name follows from the declared one alone, so that another
function or table more or less renames nothing.
"""

from __future__ import annotations

import re
from hashlib import sha256

from .failure import DeployRefused

LAMBDA_MAX, QUEUE_MAX, TABLE_MAX, API_MAX, ALARM_MAX = 64, 80, 255, 128, 255
TOPIC_MAX = 256
POOL_MAX = 128
FIFO = ".fifo"
STAGE = re.compile(r"[a-z][a-z0-9]{0,15}")
UNSAID = re.compile(r"[^A-Za-z0-9_-]")
WORDS = re.compile(r"[A-Za-z0-9]+")
DIGITS = 8  # of a hash: two names of one app that share them do not exist


def physical(app: str, stage: str, name: str, limit: int) -> str:
    """`hello-dev-notes-write`: as an account shows it."""
    said = f"{app}-{stage}-{name.replace('.', '-')}"
    plain = UNSAID.sub("-", said)
    if plain == said and len(said) <= limit:
        return said
    return f"{plain[: limit - DIGITS - 1]}-{digest(said)}"


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:DIGITS]


def logical(name: str, what: str = "") -> str:
    """`NotesWriteFunction`: as the template calls it."""
    words = WORDS.findall(name) if name.isascii() else [*WORDS.findall(name), digest(name)]
    return "".join(word[0].upper() + word[1:] for word in words) + what


def checked_stage(stage: str) -> str:
    if not STAGE.fullmatch(stage):
        remedy = "1 to 16 of a-z and 0-9, a letter first: dev, staging, production"
        raise DeployRefused(f"stage {stage!r} is no name for a stage", remedy)
    return stage
