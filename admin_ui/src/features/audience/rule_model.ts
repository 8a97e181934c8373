import type { Attribute } from "./audience";

export type Comparison =
  | "equals"
  | "not_equals"
  | "one_of"
  | "contains"
  | "starts_with"
  | "at_least"
  | "at_most"
  | "between"
  | "in_last_days"
  | "in_next_days"
  | "is_set"
  | "is_empty";

export type Value = string | number | boolean;

/** A condition as the API takes it. The server reads it again and says what is wrong where. */
export type Rule =
  | { kind: "all" | "any"; of: Rule[] }
  | { kind: "not"; of: Rule }
  | { kind: "attribute" | "field"; name: string; comparison: Comparison; values: Value[] }
  | { kind: "group" | "target_group"; id: string }
  | { kind: "consent" }
  | { kind: "activity"; event: "accepted" | "delivered" | "replied"; days?: number | null };

export type Combined = Extract<Rule, { kind: "all" | "any" }>;
export type Valued = Extract<Rule, { kind: "attribute" | "field" }>;
export type Kind = Rule["kind"];

const ALWAYS: readonly Comparison[] = ["is_set", "is_empty"];
const COMPARISONS: Record<Attribute["kind"], readonly Comparison[]> = {
  text: ["equals", "not_equals", "one_of", "contains", "starts_with", ...ALWAYS],
  number: ["equals", "not_equals", "at_least", "at_most", "between", "one_of", ...ALWAYS],
  date: [
    ...(["at_least", "at_most", "between", "equals", "not_equals"] as const),
    ...(["in_last_days", "in_next_days"] as const),
    ...ALWAYS,
  ],
  boolean: ["equals", ...ALWAYS],
};

export const FIELDS = ["country", "language", "name", "email", "external_id"] as const;

export function comparisonsOf(kind: Attribute["kind"]): readonly Comparison[] {
  return COMPARISONS[kind];
}

/** How many values a comparison takes; "many" is a list. */
export function valuesOf(comparison: Comparison): 0 | 1 | 2 | "many" {
  if (comparison === "one_of") return "many";
  if (comparison === "between") return 2;
  return ALWAYS.includes(comparison) ? 0 : 1;
}

/** The condition of a kind before anything of it is chosen. */
export function blank(kind: Kind, attributes: readonly Attribute[]): Rule {
  const first = attributes[0];
  switch (kind) {
    case "all":
    case "any":
      return { kind, of: [{ kind: "consent" }] };
    case "not":
      return { kind, of: { kind: "consent" } };
    case "attribute":
      if (first === undefined) return blank("field", attributes);
      return withComparison(
        { kind, name: first.name, comparison: "equals", values: [] },
        comparisonsOf(first.kind)[0] ?? "equals",
      );
    case "field":
      return { kind, name: "country", comparison: "one_of", values: [] };
    case "group":
    case "target_group":
      return { kind, id: "" };
    case "activity":
      return { kind, event: "delivered", days: 30 };
    default:
      return { kind: "consent" };
  }
}

/** Values that the new comparison has no place for are dropped. */
export function withComparison(rule: Valued, comparison: Comparison): Valued {
  const wanted = valuesOf(comparison);
  const kept = wanted === "many" ? rule.values : rule.values.slice(0, wanted);
  return { ...rule, comparison, values: kept };
}

/** Whether every place of it is filled in: an unfinished rule is not counted yet. */
export function isComplete(rule: Rule): boolean {
  switch (rule.kind) {
    case "all":
    case "any":
      return rule.of.length > 0 && rule.of.every(isComplete);
    case "not":
      return isComplete(rule.of);
    case "group":
    case "target_group":
      return rule.id !== "";
    case "attribute":
    case "field": {
      const wanted = valuesOf(rule.comparison);
      const given = rule.values.filter((value) => value !== "").length;
      return wanted === "many" ? given > 0 : given === wanted;
    }
    default:
      return true;
  }
}

/** The top of the builder is always a list: a single condition becomes a list of one. */
export function asList(rule: Rule): Combined {
  return rule.kind === "all" || rule.kind === "any" ? rule : { kind: "all", of: [rule] };
}
