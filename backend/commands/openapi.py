"""Prints the OpenAPI document of this source tree; `make types` makes the pages' types from it."""

import sys

from backend.api.openapi import export
from backend.app import create_app
from backend.settings import Settings


def main() -> None:
    # Nothing is connected to: the document is made of routes and types.
    app = create_app(Settings(database_url="postgresql://x/x", redis_url="redis://x"))
    sys.stdout.buffer.write(export(app))


if __name__ == "__main__":
    main()
