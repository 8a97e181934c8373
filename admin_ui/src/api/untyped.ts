import { client } from "./client";

type Call = (
  path: string,
  options: { params?: { query?: object }; body?: unknown; headers?: object; signal?: AbortSignal },
) => Promise<{ data?: unknown }>;

const loose = client as unknown as { GET: Call; POST: Call };

export async function getUntyped<T>(path: string, query: object, signal: AbortSignal): Promise<T> {
  return (await loose.GET(path, { params: { query }, signal })).data as T;
}

export async function postUntyped<T>(path: string, body: unknown, headers: object): Promise<T> {
  return (await loose.POST(path, { body, headers })).data as T;
}
