"""From a gateway's row to the gateway."""

from backend.gateways.config import AnyConfig, HttpJsonConfig
from backend.gateways.http_json.gateway import HttpJsonGateway
from backend.gateways.port import Gateway, Listeners
from backend.gateways.smpp.gateway import SmppGateway


def connect(config: AnyConfig, listeners: Listeners, *, may_reach_private: bool = False) -> Gateway:
    """Not started yet: `await gateway.start()` on the loop it shall live on.

    `may_reach_private`: on a developer's machine and in the demo, where the carrier is a simulator
    on this very host.
    """
    if isinstance(config, HttpJsonConfig):
        return HttpJsonGateway(config, listeners, may_reach_private=may_reach_private)
    return SmppGateway(config, listeners)
