import { expect, test } from "vitest";
import { secretOf, takeSecret } from "./link_secret";

const SECRET = "N0t-a_real-secret-but-as-long-as-one";

test("a secret is what stands behind the #, and nothing else is", () => {
  expect(secretOf(`#${SECRET}`)).toBe(SECRET);
  expect(secretOf(SECRET)).toBe(SECRET);
  for (const cut of ["", "#", "#short", "#<script>alert(1)</script>aaaaaaaa", `#${SECRET} tail`]) {
    expect(secretOf(cut)).toBeNull();
  }
});

test("it leaves the address bar and is still known to its page", () => {
  window.history.replaceState(null, "", `/reset-password#${SECRET}`);
  expect(takeSecret()).toBe(SECRET);
  expect(window.location.hash).toBe("");
  expect(takeSecret()).toBe(SECRET);
  window.history.replaceState(null, "", "/invitation");
  expect(takeSecret()).toBeNull();
});
