"""Mirrors of the desk's hours; the SQL in migrations is the schema."""

from piccolo.columns import UUID, Array, Integer, SmallInt, Text, Timestamptz
from piccolo.table import Table

from backend.db.engine import DATABASE


class DeskHour(Table, db=DATABASE, tablename="desk_hours"):
    hour = Timestamptz(primary_key=True, default=None)
    lane = Text(default=None)
    moderator_id = UUID(default=None)
    moderator_name = Text(default=None)
    approved = Integer(default=None)
    changes_requested = Integer(default=None)
    refused = Integer(default=None)
    late = Integer(default=None)
    overturned = Integer(default=None)
    wait_buckets = Array(base_column=SmallInt(), default=None)
    wait_cases = Array(base_column=Integer(), default=None)


class LaneHour(Table, db=DATABASE, tablename="lane_hours"):
    hour = Timestamptz(primary_key=True, default=None)
    lane = Text(default=None)
    opened = Integer(default=None)
    lapsed = Integer(default=None)
    waiting = Integer(null=True, default=None)
    oldest_seconds = Integer(null=True, default=None)


class DeskFold(Table, db=DATABASE, tablename="desk_fold"):
    id = SmallInt(primary_key=True, default=1)
    next_hour = Timestamptz(null=True, default=None)
    folded_at = Timestamptz(null=True, default=None)
