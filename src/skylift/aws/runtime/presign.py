"""Presigned URLs of S3: who holds one may make this one call until it expires. Not imported by a
function that makes none.
"""

from __future__ import annotations

from datetime import datetime

from msgspec import structs

from ...errors import Invalid
from .sign import ALGORITHM, UNSIGNED, Call, Signer, encoded, names_signed, stamp_of

EXPIRES_S_MAX = 7 * 24 * 3600


def presigned(
    signer: Signer, call: Call, at: datetime, *, expires_s: int, scheme: str = "https"
) -> str:
    """The URL. Every header of the call has to be sent with it as it is here; the body may be
    any. It dies with the credentials too, which in Lambda live for some hours.
    """
    if not 1 <= expires_s <= EXPIRES_S_MAX:
        raise Invalid(f"expires_s={expires_s}: a presigned URL lives from 1 s to {EXPIRES_S_MAX} s")
    stamp = stamp_of(at)
    said = {
        "X-Amz-Algorithm": ALGORITHM,
        "X-Amz-Credential": f"{signer.credentials.key_id}/{signer.scope(stamp)}",
        "X-Amz-Date": stamp,
        "X-Amz-Expires": str(expires_s),
        "X-Amz-SignedHeaders": ";".join(names_signed(call.headers)),
    }
    if signer.credentials.token:
        said["X-Amz-Security-Token"] = signer.credentials.token
    pairs = [f"{name}={encoded(value)}" for name, value in said.items()]
    query = "&".join([call.query, *pairs] if call.query else pairs)
    asked = structs.replace(call, query=query)
    signature = signer.signature(asked, call.headers, stamp, UNSIGNED)
    return f"{scheme}://{call.headers['host']}{call.path}?{query}&X-Amz-Signature={signature}"
