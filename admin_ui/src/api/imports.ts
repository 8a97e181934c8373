import { client, IDEMPOTENCY_HEADER } from "./client";
import { present } from "./present";
import type { components } from "./schema";

export type ImportView = components["schemas"]["ImportView"];
export type ImportOptions = components["schemas"]["ImportOptions"];
export type Upload = { file: File; options: Partial<ImportOptions> };

/** Streamed as a form: the contract describes this body in words only. */
export async function uploadImport(
  { file, options }: Upload,
  headers: { [IDEMPOTENCY_HEADER]: string },
): Promise<ImportView> {
  const form = new FormData();
  form.append("options", JSON.stringify(options));
  form.append("file", file, file.name);
  const request = { body: form, bodySerializer: (body: unknown) => body, headers };
  return present(await client.POST("/v1/imports", request as Record<string, unknown>));
}
