"""Proofs of payment over HTTP, for finance."""

from typing import Any
from urllib.parse import quote
from uuid import UUID

from litestar import Request, Response, Router
from litestar.params import FromPath

from backend.api.routing import FromPrincipal, get, post
from backend.api.uploads import read_form
from backend.billing.desk_states import PROOF_FILE_BYTES_MAX
from backend.billing.schemas.proofs import ProofContent, ProofFileView
from backend.billing.service import proofs

FORM_BYTES = 64 * 1024
"""What the form adds to the file itself."""


@post(
    "/v1/tenants/{tenant_id:uuid}/proof-files",
    status_code=201,
    body="stream",
    body_limit_bytes=PROOF_FILE_BYTES_MAX + FORM_BYTES,
    description="multipart/form-data with one `file`: PDF, PNG or JPEG, at most 10 MiB.",
)
async def upload_proof_file(
    tenant_id: FromPath[UUID], request: Request[Any, Any, Any], principal: FromPrincipal
) -> ProofFileView:
    parts = read_form(request.headers.get("content-type", ""), request.stream())
    return await proofs.upload_proof_file(principal, tenant_id, parts)


@get(
    "/v1/tenants/{tenant_id:uuid}/proof-files/{proof_file:uuid}",
    media_type="application/octet-stream",
)
async def download_proof_file(
    tenant_id: FromPath[UUID], proof_file: FromPath[UUID], principal: FromPrincipal
) -> Response[bytes]:
    return _download(await proofs.read_proof_file(principal, tenant_id, proof_file))


def _download(found: ProofContent) -> Response[bytes]:
    return Response(
        found.content,
        media_type=found.media_type,
        headers={
            "content-disposition": f"attachment; filename*=UTF-8''{quote(found.name)}",
            "content-security-policy": "sandbox; default-src 'none'",
        },
    )


router = Router("/", route_handlers=[upload_proof_file, download_proof_file])
