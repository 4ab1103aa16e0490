"""Hidden draws: what a student's checks are drawn from, if there is a secret.

The seed of a submission is a keyed hash of its text: nobody can know it without the
secret, the same submission always gets the same draws, and another one gets others, so
that handing the same work in twice is no second chance. ``model.Probe`` then hashes it
with the names of exercise and check.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from pathlib import Path

from checks.files import Files
from checks.refusal import RefusalError

SHORTEST = 16  # bytes


def digest(files: Files) -> str:
    """A name for exactly this text."""
    text = json.dumps(sorted(files.texts.items()))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def hidden(secret: bytes, of: str) -> int:
    """The seed of the submission with this digest."""
    return int.from_bytes(hmac.new(secret, of.encode(), hashlib.sha256).digest()[:16], "big")


def name_of(secret: bytes) -> str:
    """Which secret it was, for the record, without telling it."""
    return hmac.new(secret, b"name", hashlib.sha256).hexdigest()[:12]


def read_secret(path: Path) -> bytes:
    """Read the secret.

    Raises:
        RefusalError: it cannot be read, or is too short to be one.
    """
    try:
        secret = path.read_bytes().strip()
    except OSError as error:
        raise RefusalError(f"the secret {path} cannot be read: {error.strerror}") from None
    if len(secret) < SHORTEST:
        raise RefusalError(
            f"the secret {path} has {len(secret)} bytes; at least {SHORTEST} are asked for. A new "
            "one:  python -c 'import secrets; print(secrets.token_hex(32))' > FILE"
        )
    return secret
