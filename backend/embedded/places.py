"""Where the embedded parts keep their files, and as whom they run.

Postgres refuses to run as root. Started by root it runs as an account that owns nothing else, and
that account must reach its binaries and its data: no directory of the user is ever opened up for
it, what it cannot reach is kept under `/var/lib/clearsend` instead.
"""

import contextlib
import fcntl
import hashlib
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

SYSTEM_HOME = Path("/var/lib/clearsend")
LOG_BYTES_MAX = 10_000_000
SERVICE_ACCOUNTS = ("postgres", "nobody")  # the first that exists; initdb looks it up in passwd


class EmbeddedError(Exception):
    """An embedded part cannot run here; the message says what to do."""


def service_account(existing: Path) -> pwd.struct_passwd | None:
    """None when we are not root. Who owns existing data keeps it: installing Debian's Postgres
    creates an account that was not there before.
    """
    if os.geteuid() != 0:
        return None
    if existing.exists():
        return pwd.getpwuid(existing.stat().st_uid)
    for name in SERVICE_ACCOUNTS:
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise EmbeddedError(
        "running as root, and neither a postgres nor a nobody account exists to run Postgres as: "
        "set DATABASE_URL and DATABASE_OWNER_URL, or start as a plain user"
    )


def as_account(account: pwd.struct_passwd | None) -> dict[str, Any]:
    """Arguments for `subprocess` that give up root."""
    if account is None:
        return {}
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def can_enter(directory: Path, account: pwd.struct_passwd | None) -> bool:
    """Asked of the kernel, not read from mode bits: access lists and mounts count too."""
    try:
        tried = subprocess.run(
            ["/bin/sh", "-c", 'cd "$1"', "sh", str(directory)],
            cwd="/",
            capture_output=True,
            check=False,
            **as_account(account),
        )
    except PermissionError:
        return False
    return tried.returncode == 0


def open_data_dir(wanted: Path, system_home: Path = SYSTEM_HOME) -> Path:
    """The directory really used: `wanted`, unless root gave one below a directory that the
    service account cannot enter (root's home, say).
    """
    directory = wanted.absolute()
    try:
        directory.mkdir(parents=True, exist_ok=True)
        if os.geteuid() != 0:
            return directory
        directory.chmod(0o711)  # ours: may be walked through, not listed
    except PermissionError as error:
        raise EmbeddedError(
            f"cannot write to {directory}: set CLEARSEND_DATA_DIR to a directory of yours, "
            "or start as the account that made it"
        ) from error
    if can_enter(directory, service_account(directory / "postgres")):
        return directory
    key = hashlib.sha256(str(directory).encode()).hexdigest()[:12]
    moved = system_home / key
    moved.mkdir(parents=True, exist_ok=True)
    moved.chmod(0o711)
    return moved


def readable_copy(tree: Path, *, beside: list[Path], system_home: Path = SYSTEM_HOME) -> Path:
    """`tree` copied once to where every account can read it, with its siblings `beside`
    (libraries are found relative to the binaries).
    """
    stamp = f"{tree.resolve()} {tree.stat().st_mtime_ns}"
    home = system_home / "copies" / hashlib.sha256(stamp.encode()).hexdigest()[:12]
    target = home / tree.parent.name / tree.name
    if target.exists():
        return target
    draft = home.with_name(f"{home.name}.{os.getpid()}")
    shutil.copytree(tree, draft / tree.parent.name / tree.name, symlinks=True)
    for sibling in beside:
        shutil.copytree(sibling, draft / sibling.name, symlinks=True)
    for path in [draft, *draft.rglob("*")]:
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o755 if path.is_dir() else 0o444))
            if path.stat().st_mode & 0o100:
                path.chmod(path.stat().st_mode | 0o111)
    system_home.chmod(0o755)
    home.parent.chmod(0o755)
    try:
        draft.rename(home)
    except OSError:  # another start was faster, and its copy is as good
        shutil.rmtree(draft)
    return target


def secret(root: Path, name: str) -> str:
    """Made on first use, then read: URL-safe, 0600."""
    path = root / "secrets" / name
    path.parent.mkdir(mode=0o700, exist_ok=True)
    with contextlib.suppress(FileNotFoundError):
        return path.read_text()
    value = secrets.token_urlsafe(32)
    draft = path.with_name(f".{name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(value)
    draft.rename(path)  # whole or not at all, whatever kills us
    return value


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def remembered_port(root: Path, name: str) -> int | None:
    path = root / "ports" / name
    with contextlib.suppress(FileNotFoundError, ValueError):
        return int(path.read_text())
    return None


def remember_port(root: Path, name: str, port: int) -> int:
    path = root / "ports" / name
    path.parent.mkdir(mode=0o700, exist_ok=True)
    path.write_text(str(port))
    return port


def settled_port(root: Path, name: str) -> int:
    """The port of last time if it is free, so that what points at it still does."""
    port = remembered_port(root, name)
    return port if port and is_free(port) else remember_port(root, name, free_port())


def open_log(root: Path, name: str) -> Path:
    path = root / "log" / f"{name}.log"
    path.parent.mkdir(mode=0o700, exist_ok=True)
    if path.exists() and path.stat().st_size > LOG_BYTES_MAX:
        path.replace(path.with_suffix(".log.1"))
    path.touch(mode=0o600)
    return path


def exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def is_alive(pid: int) -> bool:
    """A zombie is dead: in a container nobody may ever collect it."""
    if not exists(pid):
        return False
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return not Path("/proc/self/stat").exists()  # no procfs: trust the signal
    return state != "Z"


def wait_gone(pid: int, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while is_alive(pid):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def has_living(group: int) -> bool:
    """Whether anybody of a process group runs. Zombies do not, as in `is_alive`: a first process of
    a container that collects none would have every stop wait for what is long gone.
    """
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    stats = list(Path("/proc").glob("[0-9]*/stat"))
    for stat in stats:
        with contextlib.suppress(OSError):
            state, _, of_group = stat.read_text().rpartition(")")[2].split()[:3]
            if int(of_group) == group and state != "Z":
                return True
    return not stats  # no procfs: trust the signal


@contextlib.contextmanager
def claimed(root: Path, *, wait_seconds: float) -> Iterator[bool]:
    """One start per data directory: yields False when another process holds it."""
    with (root / "lock").open("a+") as file:
        deadline = time.monotonic() + wait_seconds
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    yield False
                    return
                time.sleep(0.05)
            else:
                break
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield True


def claimant(root: Path) -> str:
    """The process id of who holds the data directory, for a message."""
    return (root / "lock").read_text() or "unknown"
