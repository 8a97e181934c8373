import { Problem } from "./problem";

/** The body of a 2xx that has one by contract. */
export function present<T>({ data }: { data?: T }): T {
  if (data === undefined) {
    throw new Problem({ status: 0, code: "empty_answer", title: "The answer was empty" }, null);
  }
  return data;
}
