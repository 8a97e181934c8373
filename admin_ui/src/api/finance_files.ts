import { client, type IDEMPOTENCY_HEADER } from "./client";
import { present } from "./present";
import type { components } from "./schema";

type Headers = { [IDEMPOTENCY_HEADER]: string };
/** BankFileOptions of the server: part of a form, which the contract describes in words only. */
export type BankFileOptions = {
  format: "camt053" | "csv";
  account?: string;
  columns?: {
    booked_on: string;
    amount: string;
    counterparty: string | null;
    remittance: string | null;
  };
  date_order?: "iso" | "dmy" | "mdy";
  decimal?: "." | ",";
};

/** A form's body as it is: the contract describes these in words only. */
function sent(form: FormData, headers: Headers): Record<string, unknown> {
  return { body: form, bodySerializer: (body: unknown) => body, headers };
}

export async function uploadProofFile(
  { tenantId, file }: { tenantId: string; file: File },
  headers: Headers,
): Promise<components["schemas"]["ProofFileView"]> {
  const form = new FormData();
  form.append("file", file, file.name);
  const request = {
    ...sent(form, headers),
    params: { path: { tenant_id: tenantId } },
  } as { params: { path: { tenant_id: string } } };
  return present(await client.POST("/v1/tenants/{tenant_id}/proof-files", request));
}

export async function uploadBankFile(
  { file, options }: { file: File; options: BankFileOptions },
  headers: Headers,
): Promise<components["schemas"]["BankFileView"]> {
  const form = new FormData();
  form.append("options", JSON.stringify(options));
  form.append("file", file, file.name);
  return present(await client.POST("/v1/bank-files", sent(form, headers)));
}
