"""From a gateway's row to the gateway."""

from backend.gateways.config import GatewayConfig
from backend.gateways.port import Gateway, Listeners
from backend.gateways.smpp.gateway import SmppGateway


def connect(config: GatewayConfig, listeners: Listeners) -> Gateway:
    """Not started yet: `await gateway.start()` on the loop it shall live on."""
    return SmppGateway(config, listeners)
