"""The desk's numbers: for those who work there. Who did what in a file is for leads."""

from typing import Final

from backend.api.authorization.access import LEADS, MODERATORS, Access, Rows

ROWS: Final[Rows] = {
    "read_desk_numbers": Access(staff=MODERATORS),
    "export_desk_numbers": Access(staff=LEADS),
}
