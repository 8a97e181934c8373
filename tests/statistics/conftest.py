from tests.moderation.conftest import real_time, shop

__all__ = ["real_time", "shop"]
