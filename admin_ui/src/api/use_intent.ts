import { type UseMutationResult, useMutation } from "@tanstack/react-query";
import { useRef } from "react";
import { IDEMPOTENCY_HEADER } from "./client";
import { asProblem, type Problem } from "./problem";

export type IntentHeaders = { [IDEMPOTENCY_HEADER]: string };

/**
 * A write that the user means once. The key is made when the intent begins and kept over retries of
 * the same input, so a lost answer can be asked for again and nothing happens twice; a success, or
 * another input, ends the intent.
 */
export function useIntent<Input, Answer>(
  call: (input: Input, headers: IntentHeaders) => Promise<Answer>,
  options: { onSuccess?: (answer: Answer, input: Input) => void | Promise<void> } = {},
): UseMutationResult<Answer, Problem, Input> {
  const intent = useRef<{ of: string; key: string } | null>(null);
  return useMutation<Answer, Problem, Input>({
    mutationFn: async (input) => {
      const of = JSON.stringify(input) ?? "";
      if (intent.current?.of !== of) intent.current = { of, key: crypto.randomUUID() };
      try {
        return await call(input, { [IDEMPOTENCY_HEADER]: intent.current.key });
      } catch (error) {
        const problem = asProblem(error);
        // A definite refusal is stored under its key: trying again must be a new intent.
        if (problem.status >= 400 && problem.status < 500 && problem.code !== "in_progress") {
          intent.current = null;
        }
        throw problem;
      }
    },
    onSuccess: async (answer, input) => {
      intent.current = null;
      await options.onSuccess?.(answer, input);
    },
  });
}
