import { useSession } from "@/api/session";

const WRITERS: ReadonlySet<string> = new Set(["owner", "manager", "sender", "editor"]);
const MANAGERS: ReadonlySet<string> = new Set(["owner", "manager"]);

export function useMayWrite(): boolean {
  return WRITERS.has(useSession()?.member_role ?? "");
}

export function useMayManage(): boolean {
  return MANAGERS.has(useSession()?.member_role ?? "");
}
