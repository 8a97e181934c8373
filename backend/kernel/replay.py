"""A stored answer, given again: no error, though it leaves a use case the way an error does."""


class IdempotentReplay(Exception):
    """The request was answered before: `status` and `body` go out again, byte for byte."""

    def __init__(self, status: int, body: bytes) -> None:
        self.status = status
        self.body = body
        super().__init__(f"replay of a {status} answer")
