"""The same over HTTP: a multipart upload, masked numbers, other tenants' ids."""

import json
from typing import Any
from uuid import UUID

import pytest

from backend.api.uploads import FormField, FormFile, read_form
from backend.audience.service import applying, parsing
from backend.kernel.errors import MalformedInput, UnsupportedMedia
from tests.browserless import World

pytestmark = pytest.mark.anyio
CSV = b"phone,fname\r\n+4791234567,Ingrid\r\n12,Ola\r\n"


async def upload(person, content=CSV, name="list.csv", **options):
    return await person.request(
        "POST",
        "/v1/imports",
        files={"file": (name, content, "text/csv")},
        data={"options": json.dumps(options)},
    )


async def test_upload_report_accept(world: World):
    owner = await world.tenant()
    made = await upload(owner, new_group="Friends", default_country="NO")
    assert made.status_code == 201, made.text
    path = f"/v1/imports/{made.json()['id']}"
    tenant_id, import_id = UUID(owner.tenant_id), UUID(made.json()["id"])
    await parsing.parse_import(tenant_id, import_id)
    report = (await owner.get(path)).json()
    assert (report["state"], report["rows_ready"]) == ("parsed", 1)
    assert report["report"]["problems"] == {"phone_not_sendable": 1}
    problems = (await owner.get(f"{path}/problems")).json()
    assert [(p["line"], p["column"], p["value"]) for p in problems["items"]] == [(3, "phone", "12")]
    mapped = await owner.put(f"{path}/options", {"mapping": {"phone": "phone", "fname": "name"}})
    assert (mapped.status_code, mapped.json()["state"]) == (200, "uploaded")
    early = await owner.post(f"{path}/accept")
    assert (early.status_code, early.json()["code"]) == (409, "import_uploaded")
    await parsing.parse_import(tenant_id, import_id)
    accepted = await owner.post(f"{path}/accept")
    assert (accepted.status_code, accepted.json()["state"]) == (200, "accepting")
    await applying.apply_import(tenant_id, import_id)
    [person] = (await owner.get("/v1/subscribers?search=ingrid")).json()["items"]
    assert (person["phone"], person["name"]) == ("+4791234567", "Ingrid")
    assert (await owner.get(path)).json()["subscribers_new"] == 1
    stranger = await world.tenant("Other")
    for foreign in (path, f"{path}/problems", f"/v1/subscribers/{person['id']}"):
        assert (await stranger.get(foreign)).status_code == 404


async def test_b18_a_workbook_is_415_and_a_wrong_option_422(world: World):
    owner = await world.tenant()
    answer = await upload(owner, b"PK\x03\x04" + bytes(100), name="people.csv")
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")
    answer = await upload(owner, mapping={"phone": "fone"})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_mapping")
    answer = await owner.post("/v1/imports", {"file": "x"})
    assert answer.status_code == 415
    answer = await owner.request("POST", "/v1/imports", files={"other": ("", b"", "text/csv")})
    assert answer.status_code == 422


async def test_subscribers_groups_and_opt_outs(world: World):
    owner = await world.tenant()
    group = (await owner.post("/v1/groups", {"name": "Friends"})).json()
    body = {"phone": "+4791234567", "name": "Ada", "group_ids": [group["id"]]}
    made = await owner.post("/v1/subscribers", body, headers={"idempotency-key": "k"})
    again = await owner.post("/v1/subscribers", body, headers={"idempotency-key": "k"})
    assert made.status_code == 201, made.text
    assert again.json() == made.json()
    path = f"/v1/subscribers/{made.json()['id']}"
    changed = await owner.patch(path, {"version": 1, "name": "Ada L"})
    assert (changed.status_code, changed.json()["name"]) == (200, "Ada L")
    out = await owner.post("/v1/opt-outs", {"phone": "+4791234567", "evidence": "letter"})
    assert out.status_code == 201, out.text
    assert (await owner.get(path)).json()["is_opted_out"] is True
    assert (await owner.delete("/v1/opt-outs")).status_code == 405
    assert (await owner.get(f"/v1/groups/{group['id']}")).json()["subscribers"] == 1
    assert (await owner.delete(path)).status_code == 204
    assert (await owner.get(path)).status_code == 404


async def parts_of(body: bytes, size: int):
    async def chunks():
        for start in range(0, len(body), size):
            yield body[start : start + size]

    found: list[Any] = []
    async for part in read_form("multipart/form-data; boundary=b", chunks()):
        if isinstance(part, FormFile):
            found.append((part.name, part.file_name, b"".join([c async for c in part.chunks])))
        else:
            assert isinstance(part, FormField)
            found.append((part.name, part.value))
    return found


async def test_a_form_reads_the_same_however_it_is_cut():
    body = (
        b'--b\r\nContent-Disposition: form-data; name="options"\r\n\r\n{}\r\n'
        b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
        b"x\r\n--not\r\ny\r\n--b--\r\n"
    )
    expected = [("options", "{}"), ("file", "a.csv", b"x\r\n--not\r\ny")]
    for size in (1, 2, 7, 1000):
        assert await parts_of(body, size) == expected
    with pytest.raises(MalformedInput):
        await parts_of(body[:-10], 50)
    with pytest.raises(UnsupportedMedia):
        async for _ in read_form("text/csv", iter_nothing()):
            pass


async def iter_nothing():
    for chunk in list[bytes]():
        yield chunk
