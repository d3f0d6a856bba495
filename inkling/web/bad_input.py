"""What a view raises for a request that it cannot take."""

from inkling.errors import InvalidInput


class BadInput(InvalidInput):
    """What was posted cannot be taken. The message says what is wrong and what to do about it.

    retry_after: seconds after which the same may be taken; None: it will not be.
    """

    def __init__(
        self, message: str, remedy: str = "", status: int = 400, retry_after: int | None = None
    ) -> None:
        super().__init__(message, remedy)
        self.status, self.retry_after = status, retry_after
