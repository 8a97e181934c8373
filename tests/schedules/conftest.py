from tests.moderation.conftest import shop

__all__ = ["shop"]
