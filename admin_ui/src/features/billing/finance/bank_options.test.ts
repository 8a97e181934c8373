import { expect, test } from "vitest";
import { type CsvFields, csvOptions, isCsv } from "./bank_options";

const FIELDS: CsvFields = {
  account: "NO93 8601 1117 947",
  booked_on: "Dato",
  amount: "Beløp",
  counterparty: " ",
  remittance: "Tekst",
  date_order: "dmy",
  decimal: ",",
};

test("a file is read as what its name says", () => {
  expect(isCsv("kontoutskrift.CSV")).toBe(true);
  expect(isCsv("camt.053.xml")).toBe(false);
});

test("columns nobody named are left out, those it needs are waited for", () => {
  expect(csvOptions(FIELDS)?.columns).toEqual({
    booked_on: "Dato",
    amount: "Beløp",
    counterparty: null,
    remittance: "Tekst",
  });
  expect(csvOptions({ ...FIELDS, amount: "" })).toBeNull();
  expect(csvOptions({ ...FIELDS, account: "  " })).toBeNull();
});
