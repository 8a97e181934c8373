import type { Tenant } from "../billing";
import { DocumentTable } from "./document_table";

export function TenantDocuments({ tenant }: { tenant: Tenant }) {
  return <DocumentTable tenantId={tenant.id} />;
}
