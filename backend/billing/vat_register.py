"""The port to the register of VAT ids, and the EU's register (VIES) behind it."""

from typing import Final, Protocol

import httpx
import msgspec

from backend.kernel.errors import Unavailable

VIES_URL: Final = "https://ec.europa.eu/taxation_customs/vies/rest-api"
VAT_CHECK_TIMEOUT_SECONDS: Final = 15
ANSWER_BYTES_MAX: Final = 100_000


class VatAnswer(msgspec.Struct, frozen=True):
    """`reference` proves the question was asked; empty where the register gave none."""

    is_valid: bool
    reference: str = ""


class VatRegister(Protocol):
    async def check(self, vat_id: str, requester_vat_id: str | None) -> VatAnswer:
        """Both with their country's prefix. Raises Unavailable `vat_register_unavailable`."""
        ...


class _ViesError(msgspec.Struct):
    error: str = ""


class _ViesAnswer(msgspec.Struct, rename="camel"):
    """An answer has `valid`; a refusal has `errorWrappers` (a member state that does not answer,
    too many questions at once), with status 200 as well.
    """

    valid: bool | None = None
    request_identifier: str | None = ""
    error_wrappers: list[_ViesError] = []


class Vies:
    """POST /check-vat-number of the register's own REST interface."""

    def __init__(self, url: str = VIES_URL) -> None:
        self.url = url.rstrip("/")

    async def check(self, vat_id: str, requester_vat_id: str | None) -> VatAnswer:
        question = {"countryCode": vat_id[:2], "vatNumber": vat_id[2:]}
        if requester_vat_id:
            question["requesterMemberStateCode"] = requester_vat_id[:2]
            question["requesterNumber"] = requester_vat_id[2:]
        try:
            async with httpx.AsyncClient(timeout=VAT_CHECK_TIMEOUT_SECONDS) as client:
                answer = await client.post(f"{self.url}/check-vat-number", json=question)
            answer.raise_for_status()
            if len(answer.content) > ANSWER_BYTES_MAX:
                raise _unavailable("answer_too_large")
            found = msgspec.json.decode(answer.content, type=_ViesAnswer)
        except (httpx.HTTPError, msgspec.DecodeError) as error:
            raise _unavailable(type(error).__name__) from error
        if found.error_wrappers or found.valid is None:
            raise _unavailable(found.error_wrappers[0].error if found.error_wrappers else "no word")
        return VatAnswer(found.valid, (found.request_identifier or "")[:100])


def _unavailable(why: str) -> Unavailable:
    return Unavailable(
        "vat_register_unavailable", "the register of VAT ids gives no answer", why=why[:100]
    )


def register_of(url: str, *, is_demo: bool) -> VatRegister | None:
    """By the setting: empty is the EU's register, but a demonstration asks nobody outside."""
    if url == "off" or (is_demo and not url):
        return None
    return Vies(url or VIES_URL)


_chosen: list[VatRegister] = []


def use_vat_register(register: VatRegister | None) -> None:
    """Called once by the process's start; None where no register may be asked."""
    _chosen[:] = [register] if register is not None else []


def vat_register() -> VatRegister:
    """Raises Unavailable `vat_register_unavailable` where none was chosen."""
    if not _chosen:
        raise _unavailable("none was chosen")
    return _chosen[0]
