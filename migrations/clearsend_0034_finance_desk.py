from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from backend.db.migrate import sql_file

ID = "0034"
VERSION = "1.38.0"
DESCRIPTION = "The finance desk: proofs, corrections, bank files, closed days, dated price lists"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="clearsend", description=DESCRIPTION)
    manager.add_raw(sql_file(ID, "0034_published.sql", "0034_billing.sql", "0034_finance.sql"))
    return manager
