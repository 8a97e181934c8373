"""The pages: `index.html` for every address that is no file, assets for a year.

Asset names carry a hash of their content, so they never change; `index.html` names them, so it
is always asked for again.
"""

import asyncio
from pathlib import Path
from typing import Any, Final

from litestar import Response
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

ASSET_SECONDS: Final = 365 * 24 * 3600
PUBLIC_FILE_SECONDS: Final = 3600

# Stated here: the tables of operating systems differ, and nosniff makes a wrong one fatal.
MEDIA_TYPES: Final[dict[str, str]] = {
    ".css": "text/css",
    ".html": "text/html",
    ".ico": "image/x-icon",
    ".jpg": "image/jpeg",
    ".js": "text/javascript",
    ".json": "application/json",
    ".map": "application/json",
    ".mjs": "text/javascript",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
}

_BEING_BUILT: Final = b"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="refresh" content="3">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>Clearsend</title>
<style>body{font:16px system-ui;margin:20vh auto;max-width:32em;padding:0 1em}</style></head>
<body><h1>Clearsend</h1>
<p>The pages are still being built (run <code>make ui</code>). This page looks again every three
seconds.</p></body></html>
"""


def _read(directory: Path, name: str) -> tuple[bytes, str] | None:
    """The file's bytes and media type; None for what is absent, outside, or of no known type."""
    root = directory.resolve()
    try:
        path = (root / name.lstrip("/")).resolve()
        if not path.is_relative_to(root) or path.suffix not in MEDIA_TYPES:
            return None
        return path.read_bytes(), MEDIA_TYPES[path.suffix]
    except (OSError, ValueError):
        return None


def page_routes(directory: Path | None) -> list[HTTPRouteHandler]:
    """The two routes that serve the built pages, or say that they are not built yet."""

    async def read(name: str) -> tuple[bytes, str] | None:
        if directory is None:
            return None
        return await asyncio.to_thread(_read, directory, name)

    async def serve_asset(path: FromPath[str]) -> Response[bytes]:
        found = await read(f"assets/{path.lstrip('/')}")
        if found is None:
            raise NotFoundException
        return _answer(*found, f"public, max-age={ASSET_SECONDS}, immutable")

    async def serve_page(path: FromPath[str] = "/") -> Response[bytes]:
        name = path.strip("/")
        if "." in name.rpartition("/")[2]:
            found = await read(name)
            if found is None:
                raise NotFoundException
            if name != "index.html":
                return _answer(*found, f"public, max-age={PUBLIC_FILE_SECONDS}")
        index = await read("index.html")
        if index is None:
            return _answer(_BEING_BUILT, "text/html", "no-store")
        return _answer(*index, "no-cache")

    return [
        _file_route(["/assets/{path:path}"], serve_asset),
        _file_route(["/", "/{path:path}"], serve_page),
    ]


def _answer(body: bytes, media_type: str, cache_control: str) -> Response[bytes]:
    return Response(body, media_type=media_type, headers={"cache-control": cache_control})


def _file_route(paths: list[str], function: Any) -> HTTPRouteHandler:
    return HTTPRouteHandler(
        paths,
        http_method=["GET"],
        operation_id=function.__name__,
        include_in_schema=False,
        # Links in mails and advertisements carry parameters of their own.
        opt={"rate": "none", "lenient_query": True, "anonymous": True},
    )(function)
