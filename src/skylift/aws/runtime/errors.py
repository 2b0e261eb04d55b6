"""What AWS says, as errors an author can act on: one table. Imported when a call has failed.

A detail may reach a client, so it does not repeat what AWS says about accounts and resources; that
is in the Failure it was raised from.
"""

from __future__ import annotations

from ...errors import AccessDenied, Busy, Conflict, Expired, Invalid, SkyliftError, Unavailable
from .failure import CLOSED, GARBLED, TIMED_OUT, TOO_LATE, UNREACHABLE, UNTRUSTED, Failure
from .retry import CONTENDED, THROTTLED, is_contended, reasons_of

CANCELLED = "TransactionCanceledException"

_WORDS: dict[type[SkyliftError], str] = {
    Conflict: "ConditionalCheckFailedException ConditionalCheckFailed",
    Invalid: "BatchRequestTooLong InvalidArgument InvalidMessageContents InvalidParameter "
    "InvalidParameterValue InvalidParameterValueException InvalidRequestContentException "
    "ItemCollectionSizeLimitExceeded ItemCollectionSizeLimitExceededException MalformedDetail "
    "ParameterValueInvalid RequestTooLargeException SerializationException "
    "SerializedRequestEntityTooLargeException ValidationError ValidationException",
    AccessDenied: "AccessDenied AccessDeniedException AuthorizationError InvalidSecurity "
    "KMSAccessDenied KmsAccessDenied NotAuthorizedForSourceException UnauthorizedOperation",
    Expired: TOO_LATE,
    Busy: "PurgeQueueInProgress",  # for a minute: no retry outlasts it
    # The service, the way to it, or what was deployed is not well; or a request of ours is not.
    Unavailable: f"{CLOSED} {GARBLED} {TIMED_OUT} {UNREACHABLE} {UNTRUSTED} "
    "BatchEntryIdsNotDistinct EmptyBatchRequest EndpointDisabled ExpiredToken "
    "ExpiredTokenException IdempotentParameterMismatchException IncompleteSignature InternalError "
    "InternalFailure InternalServerError InvalidAddress InvalidAttributeName InvalidBatchEntryId "
    "InvalidClientTokenId InvalidIdFormat InvalidSignatureException KMSDisabled KMSInvalidState "
    "KMSNotFound KMSOptInRequired KmsDisabled KmsInvalidKeyUsage KmsInvalidState KmsNotFound "
    "KmsOptInRequired MessageNotInflight MissingAuthenticationToken "
    "MissingAuthenticationTokenException NotFound PlatformApplicationDisabled "
    "QueueDoesNotExist ReceiptHandleIsInvalid "
    "RequestTimeout RequestTimeoutException ResourceNotFoundException ServiceUnavailable "
    "TooManyEntriesInBatchRequest UnrecognizedClientException UnsupportedOperation",
}
MEANING: dict[str, type[SkyliftError]] = {
    **dict.fromkeys(THROTTLED | CONTENDED, Busy),
    **{code: error for error, codes in _WORDS.items() for code in codes.split()},
}


def translated(failure: Failure, words: str = "") -> SkyliftError:
    """To be raised from the failure. `words` are the adapter's own for what went wrong."""
    if failure.unknown:
        return Unavailable(words or _detail(failure), unknown=True)
    error = meaning_of(failure)
    return error(words or (str(failure) if error is AccessDenied else _detail(failure, error)))


def meaning_of(failure: Failure) -> type[SkyliftError]:
    if failure.code == CANCELLED:
        return _of_cancelled(failure)
    return MEANING.get(failure.code, Unavailable)


def _of_cancelled(failure: Failure) -> type[SkyliftError]:
    """The gravest of its reasons: of a transaction that can never succeed, of one whose condition
    is false, of one that came at a bad moment.
    """
    if is_contended(failure):
        return Busy
    said = {MEANING.get(str(reason.get("Code"))) for reason in reasons_of(failure)}
    return next((error for error in (Invalid, Conflict) if error in said), Unavailable)


def _detail(failure: Failure, error: type[SkyliftError] = Unavailable) -> str:
    detail = f"{failure.operation}: {failure.code}" if failure.operation else failure.code
    if error is Invalid and "arn:" not in failure.message:
        return f"{detail}: {failure.message}"  # it names the value or the limit
    return detail
