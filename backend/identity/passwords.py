"""argon2id (RFC 9106's second recommended option: 64 MiB, 3 passes, 4 lanes).

A password is compared after NFC: the same characters typed on two keyboards are one password.
Hashing takes tens of milliseconds of a core, so it runs in a thread, a few at a time.
"""

import asyncio
import unicodedata
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

HASHES_AT_ONCE_MAX = 2
RECOMMENDED = PasswordHasher()
_hasher = RECOMMENDED
# Threads and not a semaphore: those belong to no event loop.
_threads = ThreadPoolExecutor(HASHES_AT_ONCE_MAX, thread_name_prefix="argon2")
# Compared when the account does not exist, so that both answers take the same time. Written down,
# for making it anew would cost every process 100 ms of its start; tested to be as slow as new ones.
NOBODYS = (
    "$argon2id$v=19$m=65536,t=3,p=4$qeornyIFpNcbq945JQqVtA"
    "$BP4Whx3p12++NUIcK9MXi0AwleQ9fAMo7hR5UQsdwoU"
)


def _normal(password: str) -> str:
    return unicodedata.normalize("NFC", password)


def use_hasher(hasher: PasswordHasher) -> None:
    """The test processes hash cheaply: a thousand logins there are people, not guesses."""
    global _hasher  # noqa: PLW0603 - one cost a process
    _hasher = hasher


async def hash_password(password: str) -> str:
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_threads, _hasher.hash, _normal(password))


def _verify(stored: str, password: str) -> bool:
    try:
        return _hasher.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


async def check_password(stored: str | None, password: str) -> bool:
    """False for a wrong password and, after the same time, for no account at all."""
    loop = asyncio.get_running_loop()
    matches = await loop.run_in_executor(_threads, _verify, stored or NOBODYS, _normal(password))
    return matches and stored is not None


def needs_new_hash(stored: str) -> bool:
    return _hasher.check_needs_rehash(stored)
