from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from backend.db.migrate import sql_file

ID = "0045"
VERSION = "1.45.0"
DESCRIPTION = "A posting says and checks the same in fewer statements"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="clearsend", description=DESCRIPTION)
    manager.add_raw(sql_file(ID, "0045_ledger_posting.sql"))
    return manager
