"""What the server refuses before the app sees it, in the app's one shape of errors."""

import json

from gunicorn.http import errors

NO_HTTP = "This is no request of HTTP as it must be. Send it again from another program."
# By the class of gunicorn's error; the first that fits.
REFUSALS: list[tuple[type[Exception], int]] = [
    (errors.LimitRequestLine, 414),
    (errors.LimitRequestHeaders, 431),
    (errors.ExpectationFailed, 417),
    (errors.UnsupportedTransferCoding, 501),
    (errors.InvalidHTTPVersion, 505),
    (errors.ConfigurationProblem, 500),
    (errors.InvalidResponseHeader, 500),  # the app's doing
    (errors.InvalidResponseHeaderName, 500),
    (errors.ParseException, 400),
]
REASONS = {
    400: "Bad Request",
    408: "Request Timeout",
    413: "Content Too Large",
    414: "URI Too Long",
    417: "Expectation Failed",
    431: "Request Header Fields Too Large",
    500: "Internal Server Error",
    501: "Not Implemented",
    503: "Service Unavailable",
    505: "HTTP Version Not Supported",
}
WORDS = {
    400: NO_HTTP,
    408: "The request came too slowly. Send it again on a better line.",
    413: "The request is too large. Send a smaller picture.",
    414: "The address is too long. Post what is in it as a form.",
    417: "The server does what `Expect` asks for only where that is 100-continue. Leave it out.",
    431: "The headers are too long or too many. Send fewer.",
    501: "The server does not know this Transfer-Encoding. Send the body plain or chunked.",
    503: "The server is busy with large requests. Send this one again in a moment.",
    505: "The server speaks HTTP/1.1 and 1.0. Use one of them.",
}


def status_of(error: Exception) -> int:
    """Return the status that answers an error; 500 for what is no error of the request's."""
    return next((status for kind, status in REFUSALS if isinstance(error, kind)), 500)


def refusal(status: int, words: str = "") -> bytes:
    """Return a whole answer of HTTP with this status, after which the connection is closed.

    words: what is wrong and what to do; by default what the status says.
    """
    # Here, since gunicorn's master knows this module and need not load the app.
    from inkling.web.errors import REMEDIES
    from inkling.web.security import HEADERS

    words = words or WORDS.get(status) or REMEDIES[status]
    body = json.dumps({"error": words}, ensure_ascii=False).encode() + b"\n"
    headers = {
        **HEADERS,
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        "Cache-Control": "no-store",
        "Connection": "close",
    }
    head = [f"HTTP/1.1 {status} {REASONS[status]}", *map(": ".join, headers.items()), "", ""]
    return "\r\n".join(head).encode() + body
