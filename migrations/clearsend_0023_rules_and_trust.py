from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from backend.db.migrate import sql_file

ID = "0023"
VERSION = "1.38.0"
DESCRIPTION = "Content rules as data, near-duplicates, outcomes, strikes and after-reviews"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="clearsend", description=DESCRIPTION)
    manager.add_raw(sql_file(ID, "0023_rules_and_trust.sql"))
    return manager
