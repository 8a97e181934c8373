"""Every named point of the dispatch path at which a test may kill the process (`kernel.faults`)."""

from typing import Final

FAULT_POINTS: Final[dict[str, str]] = {
    "prepare.page": "a page's rows written, not committed",
    "prepare.page_committed": "between two pages",
    "prepare.before_hold": "everything written, the hold not placed",
    "prepare.held": "the hold placed, not committed",
    "lease.committed": "the batch is ours, nothing claimed",
    "claim.locked": "session and kill switches locked",
    "claim.before_commit": "the window claimed, not committed",
    "claim.committed": "claimed; no byte has left",
    "submit.answered": "the window submitted and answered, nothing recorded",
    "outcome.before_commit": "outcomes and capture written, not committed",
    "outcome.committed": "outcomes committed, the batch not given back",
    "receipts.stored": "raw receipts stored, nothing applied",
    "receipts.before_commit": "receipts applied, not committed",
    "receipts.ack": "receipts committed, not acknowledged",
    "return.before_commit": "returning messages put into a batch, not committed",
    "failover.before_commit": "a stranded batch given to another gateway, not committed",
    "health.before_commit": "gateways judged, not committed",
    "hours.before_commit": "a closed batch dissolved and timed anew, not committed",
    "expire.before_commit": "a dead holder's window judged, not committed",
    "settle.before_commit": "the session completed, not committed",
    "inbound.stored": "replies stored raw, nothing done about them",
    "inbound.before_commit": "replies stored, opt-outs and answers written, not committed",
    "inbound.committed": "replies committed, not acknowledged",
    "system_message.claimed": "messages of our own claimed; no byte has left",
    "system_message.answered": "messages of our own submitted and answered, nothing recorded",
    "stop.before_commit": "the session stopped, not committed",
}
