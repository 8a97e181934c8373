import pytest

from tests.api.demo import build, client_of

pytestmark = pytest.mark.anyio


@pytest.fixture
def dist(tmp_path):
    (tmp_path / "secret.txt").write_text("outside")
    directory = tmp_path / "dist"
    (directory / "assets").mkdir(parents=True)
    (directory / "index.html").write_text("<!doctype html><title>Clearsend</title>")
    (directory / "favicon.svg").write_text("<svg/>")
    (directory / "assets" / "app-1a2b.js").write_text("1")
    (directory / "assets" / "app-1a2b.css").write_text("b{}")
    (directory / "assets" / "link.txt").symlink_to(tmp_path / "secret.txt")
    return directory


@pytest.fixture
async def client(dist):
    async with client_of(build(pages_directory=dist)) as opened:
        yield opened


@pytest.mark.parametrize("path", ["/", "/campaigns", "/campaigns/01890a5d/edit", "/login?next=%2F"])
async def test_every_address_of_a_page_gets_the_index(client, path):
    answer = await client.get(path)
    assert answer.status_code == 200
    assert "Clearsend" in answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    ("name", "media_type"), [("app-1a2b.js", "text/javascript"), ("app-1a2b.css", "text/css")]
)
async def test_assets_never_change(client, name, media_type):
    answer = await client.get(f"/assets/{name}")
    assert answer.headers["content-type"].startswith(media_type)
    assert "immutable" in answer.headers["cache-control"]


@pytest.mark.parametrize(
    "path",
    [
        "/assets/app-old.js",
        "/assets/../../secret.txt",
        "/assets/%2e%2e/%2e%2e/secret.txt",
        "/assets/link.txt",
        "/assets/",
        "/assets",
        "/secret.txt",
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/missing.js",
        "/v1/campaigns",
        "/assets/%00.js",
    ],
)
async def test_what_is_not_there_is_404_and_no_page(client, path):
    answer = await client.get(path)
    assert answer.status_code == 404, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


async def test_files_beside_the_index(client):
    answer = await client.get("/favicon.svg")
    assert answer.headers["content-type"] == "image/svg+xml"
    assert "immutable" not in answer.headers["cache-control"]
    assert (await client.get("/index.html")).headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("missing", [None, "not-built"])
async def test_before_the_pages_are_built(tmp_path, missing):
    directory = None if missing is None else tmp_path / missing
    async with client_of(build(pages_directory=directory)) as client:
        answer = await client.get("/campaigns")
    assert answer.status_code == 200
    assert "still being built (run <code>make ui</code>)" in answer.text
    assert 'http-equiv="refresh"' in answer.text
    assert answer.headers["cache-control"] == "no-store"
