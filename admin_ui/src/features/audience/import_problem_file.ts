import type { components } from "@/api/schema";

export type ImportProblem = components["schemas"]["ImportProblemView"];

const HEADER = ["line", "column", "severity", "code", "value", "reason"];

/** What a spreadsheet would run as a formula is made text again (CWE-1236). */
function cell(text: string): string {
  const inert = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert;
}

export function csvOf(problems: readonly ImportProblem[], words: (code: string) => string): string {
  const lines = problems.map(({ line, column, severity, code, value, message }) =>
    [String(line), column, severity, code, value, message || words(code)].map(cell).join(","),
  );
  // The mark lets spreadsheets read it as UTF-8.
  return `\uFEFF${[HEADER.join(","), ...lines].join("\r\n")}\r\n`;
}

export function saveFile(name: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
}
