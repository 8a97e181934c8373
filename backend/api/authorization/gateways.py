"""Gateways: the platform desk's own, and what providers post to us."""

from typing import Final

from backend.api.authorization.access import ADMINS, Access, Rows

_DESK: Final = Access(staff=ADMINS)

ROWS: Final[Rows] = {
    "list_gateways": _DESK,
    "create_gateway": _DESK,
    "read_gateway": _DESK,
    "update_gateway": _DESK,
    "rotate_gateway_secret": _DESK,
    "change_gateway_state": _DESK,
    "list_sender_limits": _DESK,
    "limit_gateway_sender": _DESK,
    "list_gateway_queues": _DESK,
    "run_gateway_test": _DESK,
    # What proves a provider is the signature of the body.
    "receive_gateway_callback": Access(public=True),
}
