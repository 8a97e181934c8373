from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from backend.db.migrate import sql_file

ID = "0030"
VERSION = "1.38.0"
DESCRIPTION = "Refunds, disputes, reversals, what is owed, the credit line, and traces of credits"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="clearsend", description=DESCRIPTION)
    manager.add_raw(sql_file(ID, "0030_ledger.sql", "0030_ledger_verbs.sql"))
    return manager
