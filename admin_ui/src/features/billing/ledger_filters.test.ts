import { expect, test } from "vitest";
import { csvAddress, dayOf, filtersOf, isFiltered, ledgerQuery } from "./ledger_filters";

test("an address says only what is known", () => {
  expect(filtersOf({ account: "gold", kind: "gift", from: "soon", to: "2026-13-45" })).toEqual({
    account: undefined,
    kind: undefined,
    session: undefined,
    from: undefined,
    to: undefined,
  });
  const said = { account: "spent", kind: "captured", session: "s", from: "2026-03-01" };
  expect(filtersOf(said)).toMatchObject(said);
  expect(dayOf("2026-02-28")).toBe("2026-02-28");
});

test("a day is whole where the reader lives", () => {
  const { from, to, account } = ledgerQuery({ from: "2026-03-01", to: "2026-03-01" });
  expect(account).toBe("available");
  expect(new Date(to ?? "").getTime() - new Date(from ?? "").getTime()).toBe(86_400_000 - 1);
  expect(new Date(from ?? "").getHours()).toBe(0);
});

test("the file has the filters of the page", () => {
  expect(csvAddress({})).toBe("/v1/ledger.csv?account=available");
  expect(csvAddress({ account: "spent", kind: "captured", session: "a b" })).toBe(
    "/v1/ledger.csv?account=spent&kind=captured&session_id=a+b",
  );
  expect(isFiltered({ account: "spent" })).toBe(false);
  expect(isFiltered({ from: "2026-03-01" })).toBe(true);
});
