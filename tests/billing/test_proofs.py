"""Proofs of payment: what they are is told by their bytes, and they are one tenant's."""

from uuid import uuid4

import pytest

from backend.billing.desk_states import PROOF_FILE_BYTES_MAX
from backend.billing.service.proofs import read_proof_file, upload_proof_file
from backend.billing.service.top_ups import create_top_up
from backend.files.service import DirectoryStorage, use_storage
from backend.kernel.errors import InvalidInput, NotFound, TooLarge, UnsupportedMedia
from backend.kernel.principal import StaffRole
from tests.billing.desk import PDF, clerk, form_of, top_up_of
from tests.browserless import World
from tests.factories import make_tenant

pytestmark = pytest.mark.anyio


@pytest.fixture
def files(tmp_path):
    use_storage(DirectoryStorage(tmp_path))
    return tmp_path


def stored(files) -> list[str]:
    return [path.name for path in files.rglob("*") if path.is_file()]


async def test_a_proof_is_kept_and_given_back_as_it_was(database, files):
    tenant, finance = await make_tenant(), clerk()
    view = await upload_proof_file(finance, tenant, form_of(("advice \u202egpj.pdf", PDF)))
    assert (view.media_type, view.size_bytes, view.name) == (
        "application/pdf",
        len(PDF),
        "advice gpj.pdf",
    )
    found = await read_proof_file(finance, tenant, view.id)
    assert (found.content, found.media_type) == (PDF, "application/pdf")
    top_up = await create_top_up(finance, tenant, top_up_of(proof_file=view.id))
    assert top_up.proof_file == view.id


async def test_a_proof_is_one_tenants(database, files):
    tenant, other, finance = await make_tenant(), await make_tenant(), clerk()
    view = await upload_proof_file(finance, tenant, form_of(("a.pdf", PDF)))
    with pytest.raises(NotFound):
        await read_proof_file(finance, other, view.id)
    for wrong in (view.id, uuid4()):
        with pytest.raises(InvalidInput, match="unknown_proof_file"):
            await create_top_up(finance, other, top_up_of(proof_file=wrong))


@pytest.mark.parametrize(
    ("parts", "error", "code"),
    [
        ([("a.pdf", b"PK\x03\x04 a zip")], UnsupportedMedia, "unsupported_media_type"),
        ([("a.pdf", b"<html><script>")], UnsupportedMedia, "unsupported_media_type"),
        ([("a.pdf", b"%PD")], UnsupportedMedia, "unsupported_media_type"),
        ([("a.svg", b"<svg onload=x>")], UnsupportedMedia, "unsupported_media_type"),
        ([("a.pdf", b"")], InvalidInput, "empty_file"),
        ([], InvalidInput, "missing_field"),
        ([("a.pdf", PDF), ("b.pdf", PDF)], InvalidInput, "one_file"),
        ([("a.pdf", PDF + b"x" * PROOF_FILE_BYTES_MAX)], TooLarge, "file_too_large"),
    ],
)
async def test_what_is_no_proof_leaves_nothing_behind(database, files, parts, error, code):
    tenant = await make_tenant()
    with pytest.raises(error, match=code):
        await upload_proof_file(clerk(), tenant, form_of(*parts))
    assert stored(files) == []


async def test_no_file_is_stored_for_a_tenant_that_is_not_there(database, files):
    with pytest.raises(NotFound):
        await upload_proof_file(clerk(), uuid4(), form_of(("a.pdf", PDF)))
    with pytest.raises(InvalidInput, match="unknown_field"):
        await upload_proof_file(clerk(), await make_tenant(), form_of(("a.pdf", PDF), name="proof"))
    assert stored(files) == []


async def test_over_http_it_is_a_download_for_finance_alone(world: World):
    owner = await world.tenant()
    finance = await world.staff(StaffRole.FINANCE)
    path = f"/v1/tenants/{owner.tenant_id}/proof-files"
    given = {"files": {"file": ('ä "b".pdf', PDF, "text/html")}}
    assert (await owner.request("POST", path, **given)).status_code in (403, 404)
    key = {"idempotency-key": "proof-1"}
    made = await finance.request("POST", path, headers=key, **given)
    assert made.status_code == 201, made.text
    again = await finance.request("POST", path, headers=key, **given)
    assert again.json() == made.json()
    found = await finance.get(f"{path}/{made.json()['id']}")
    assert found.content == PDF
    assert found.headers["content-type"] == "application/pdf"
    assert found.headers["content-disposition"].startswith("attachment")
    assert found.headers["x-content-type-options"] == "nosniff"
    large = {"files": {"file": ("a.pdf", PDF + b"x" * (11 * 1024 * 1024))}}
    refused = await finance.request("POST", path, **large)
    assert refused.status_code == 413
