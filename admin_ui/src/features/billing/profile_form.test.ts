import { expect, test } from "vitest";
import { bodyOf, EMPTY_PROFILE, sameVatId } from "./profile_form";

test("empty lines and spaces around are not sent", () => {
  const body = bodyOf(
    {
      ...EMPTY_PROFILE,
      company_name: " Nordlys AS ",
      address: "Storgata 1\n\n 2nd floor ",
      vat_id: " ",
    },
    3,
  );
  expect(body.company_name).toBe("Nordlys AS");
  expect(body.address_lines).toEqual(["Storgata 1", "2nd floor"]);
  expect(body.vat_id).toBeNull();
  expect(body.version).toBe(3);
});

test("a VAT id is the same however it is grouped", () => {
  expect(sameVatId("fr 40.303 265-045")).toBe("FR40303265045");
});
