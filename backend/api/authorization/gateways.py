"""Gateways: the platform desk's own, and what providers post to us."""

from typing import Final

from backend.api.authorization.access import ADMINS, Access, Rows

_DESK: Final = Access(staff=ADMINS)
# Where every message goes: whoever finds an open screen does not send it elsewhere.
_CHANGE: Final = Access(staff=ADMINS, step_up=True)

ROWS: Final[Rows] = {
    "list_gateways": _DESK,
    "create_gateway": _CHANGE,
    "read_gateway": _DESK,
    "update_gateway": _CHANGE,
    "rotate_gateway_secret": _CHANGE,
    "change_gateway_state": _CHANGE,
    "list_sender_limits": _DESK,
    "limit_gateway_sender": _DESK,
    "list_gateway_queues": _DESK,
    "run_gateway_test": _DESK,
    # What proves a provider is the signature of the body.
    "receive_gateway_callback": Access(public=True),
}
