import type { BankFileOptions } from "@/api/finance_files";

export type CsvFields = {
  account: string;
  booked_on: string;
  amount: string;
  counterparty: string;
  remittance: string;
  date_order: "iso" | "dmy" | "mdy";
  decimal: "." | ",";
};

export function isCsv(name: string): boolean {
  return /\.(csv|txt)$/i.test(name);
}

/** What the server is told of a CSV file; null while a column that it needs has no name. */
export function csvOptions(fields: CsvFields): BankFileOptions | null {
  const given = (text: string) => text.trim() || null;
  const account = given(fields.account);
  const booked_on = given(fields.booked_on);
  const amount = given(fields.amount);
  if (account === null || booked_on === null || amount === null) return null;
  return {
    format: "csv",
    account,
    date_order: fields.date_order,
    decimal: fields.decimal,
    columns: {
      booked_on,
      amount,
      counterparty: given(fields.counterparty),
      remittance: given(fields.remittance),
    },
  };
}
