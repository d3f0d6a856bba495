"""What goes wrong between us and an S3 server: in a word or two, and what to do about it."""

import re

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError
from urllib3.exceptions import HTTPError

# All that boto3 raises. ValueError is an address that is none.
FAILURES = (BotoCoreError, ClientError, ResponseParserError, HTTPError, OSError, ValueError)

KEYS = "Check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or Bucketeer's."
REGION = "Set AWS_DEFAULT_REGION to the bucket's region."
BUSY = "The server is busy or ill: try again later."
CUT = "Something on the way damages data: check the network and S3_ENDPOINT_URL, then try again."
ADDRESS = "Check the network and S3_ENDPOINT_URL, then try again."
REMEDIES = {
    "NoSuchBucket": "Create the bucket, or name one that exists in S3_BUCKET.",
    "AccessDenied": "Allow the key s3:GetObject, PutObject, DeleteObject and ListBucket there.",
    "InvalidAccessKeyId": KEYS,
    "SignatureDoesNotMatch": KEYS,
    "ExpiredToken": "Set AWS_SESSION_TOKEN and its keys anew.",
    "RequestTimeTooSkewed": "Set this machine's clock.",
    "PermanentRedirect": REGION,
    "AuthorizationHeaderMalformed": REGION,
    "BadDigest": CUT,
    "IncompleteBody": CUT,
    "NoCredentialsError": "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
    "PartialCredentialsError": "Set both the key and its secret.",
    "ParamValidationError": "Check the bucket's name in S3_BUCKET.",
    "IncompleteReadError": CUT,
    "ResponseStreamingError": CUT,
    "ResponseParserError": "That is no S3 server: check S3_ENDPOINT_URL.",
    "ValueError": "Set S3_ENDPOINT_URL to an address such as https://s3.example.org.",
}


def code_of(error: ClientError) -> str:
    """Return the server's word for the error, such as NoSuchKey; where it is none, the status."""
    code = str(error.response.get("Error", {}).get("Code", ""))
    return code if re.fullmatch(r"[A-Za-z0-9.]{1,60}", code) else str(status_of(error))


def status_of(error: ClientError) -> int:
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def reason(error: Exception) -> tuple[str, str]:
    """Return what failed, in a word or two, and what to do about it."""
    if not isinstance(error, ClientError):
        name = type(error).__name__
        return name, REMEDIES.get(name, ADDRESS)
    code, status = code_of(error), status_of(error)
    other = BUSY if status >= 500 or status == 429 else "Check S3_ENDPOINT_URL and the bucket."
    return f"{code}, HTTP {status}", REMEDIES.get(code, other)
