"""The stored answer of an earlier request with the same idempotency key."""


class IdempotentReplay(Exception):
    """No error but the answer already earned; `api/problems.py` sends it verbatim."""

    def __init__(self, status: int, body: bytes) -> None:
        self.status = status
        self.body = body
        super().__init__(status)
