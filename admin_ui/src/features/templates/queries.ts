import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { client } from "@/api/client";
import type { components } from "@/api/schema";
import { useIntent } from "@/api/use_intent";

const PAGE_ROWS = 50;

export type TemplateContent = components["schemas"]["TemplateContent"];
export type TemplateCreate = components["schemas"]["TemplateCreate"];
export type SenderCreate = components["schemas"]["SenderCreate"];

function present<T>({ data }: { data?: T }): T {
  if (data === undefined) throw new Error("the answer was empty");
  return data;
}

export function templatesQuery(search: string) {
  return infiniteQueryOptions({
    queryKey: ["templates", "list", search],
    initialPageParam: null as string | null,
    queryFn: async ({ pageParam, signal }) =>
      present(
        await client.GET("/v1/templates", {
          params: {
            query: {
              search: search === "" ? undefined : search,
              cursor: pageParam ?? undefined,
              limit: PAGE_ROWS,
            },
          },
          signal,
        }),
      ),
    getNextPageParam: (page) => page.next_cursor ?? null,
  });
}

export function templateQuery(id: string) {
  return queryOptions({
    queryKey: ["templates", "one", id],
    queryFn: async ({ signal }) =>
      present(
        await client.GET("/v1/templates/{template_id}", {
          params: { path: { template_id: id } },
          signal,
        }),
      ),
  });
}

export const sendersQuery = queryOptions({
  queryKey: ["senders"],
  queryFn: async ({ signal }) => present(await client.GET("/v1/senders", { signal })),
});

export function useCreateTemplate() {
  return useIntent(async (body: TemplateCreate, headers) =>
    present(await client.POST("/v1/templates", { body, headers })),
  );
}

export function useAddVersion(templateId: string) {
  return useIntent(async (body: TemplateContent, headers) =>
    present(
      await client.POST("/v1/templates/{template_id}/versions", {
        params: { path: { template_id: templateId } },
        body,
        headers,
      }),
    ),
  );
}

export function useSubmitVersion(templateId: string) {
  return useIntent(async (version: number, headers) =>
    present(
      await client.POST("/v1/templates/{template_id}/versions/{version}/submit", {
        params: { path: { template_id: templateId, version } },
        headers,
      }),
    ),
  );
}

export function useWithdrawVersion() {
  return useIntent(async (id: string, headers) =>
    present(
      await client.POST("/v1/template-versions/{version_id}/withdraw", {
        params: { path: { version_id: id } },
        body: { reason: "" },
        headers,
      }),
    ),
  );
}

export function useRequestSender() {
  return useIntent(async (body: SenderCreate, headers) =>
    present(await client.POST("/v1/senders", { body, headers })),
  );
}

export function useSubmitSender() {
  return useIntent(async (id: string, headers) =>
    present(
      await client.POST("/v1/senders/{sender_id}/submit", {
        params: { path: { sender_id: id } },
        headers,
      }),
    ),
  );
}

export function useWithdrawSender() {
  return useIntent(async (id: string, headers) =>
    present(
      await client.POST("/v1/senders/{sender_id}/withdraw", {
        params: { path: { sender_id: id } },
        body: { reason: "" },
        headers,
      }),
    ),
  );
}
