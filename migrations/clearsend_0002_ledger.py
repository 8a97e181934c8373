from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from backend.db.migrate import sql_file

ID = "0002"
VERSION = "1.38.0"
DESCRIPTION = "The ledger: accounts, transfers, entries, lots, holds and the verbs"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="clearsend", description=DESCRIPTION)
    manager.add_raw(sql_file(ID, "0002_ledger.sql", "0002_ledger_verbs.sql"))
    return manager
