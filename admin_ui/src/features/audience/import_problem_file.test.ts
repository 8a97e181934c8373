import { expect, test } from "vitest";
import { csvOf, type ImportProblem } from "./import_problem_file";

function problem(given: Partial<ImportProblem>): ImportProblem {
  return {
    line: 2,
    column: "Mobil",
    severity: "error",
    code: "phone_invalid",
    value: "12",
    message: "",
    ...given,
  };
}

test("a line for each problem, with the reason in words where the server gave none", () => {
  const csv = csvOf([problem({})], (code) => `said: ${code}`);
  expect(csv).toContain("line,column,severity,code,value,reason\r\n");
  expect(csv).toContain("2,Mobil,error,phone_invalid,12,said: phone_invalid\r\n");
});

test("quotes and separators stay in their cell, and nothing starts a formula", () => {
  const csv = csvOf([problem({ value: '=1+1,"x"', message: "no" })], String);
  expect(csv).toContain(`"'=1+1,""x""",no`);
});
