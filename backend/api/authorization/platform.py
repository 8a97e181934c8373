"""Operations of the plumbing itself. The pages hold nothing but code; data comes from `/v1`."""

from typing import Final

from backend.api.authorization.access import Access, Rows

ROWS: Final[Rows] = {
    "health": Access(public=True),
    "serve_page": Access(public=True),
    "serve_asset": Access(public=True),
    # Signed in only: the document names every operation there is.
    "read_openapi": Access(account=True, key=True),
    # Each topic is authorised by itself, by what the topic names.
    "events": Access(account=True, key=True),
}
