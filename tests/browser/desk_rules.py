"""The rules of the desk, for the time of one test."""

from typing import Any

from backend.commands.api_client import Person


async def put_rules(lead: Person, version: int, rules: dict[str, Any]) -> None:
    body = {"rules": rules, "based_on": version, "note": "for one test"}
    await lead.call("PUT", "/v1/desk-rules", body)
