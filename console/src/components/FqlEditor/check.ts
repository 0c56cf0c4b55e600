/** Whether a text is FQL, as the platform's own parser has it. */

import { keepPreviousData } from "@tanstack/react-query";
import { useMemo } from "react";
import { $api } from "~/api/client";

export type FqlCheckState = "empty" | "checking" | "right" | "wrong" | "unknown";

export interface FqlProblem {
  /** Offsets into the text, in UTF-16 as JavaScript counts. */
  from: number;
  to: number;
  line: number;
  message: string;
  hint: string;
}

export interface FqlAnswer {
  state: FqlCheckState;
  problem?: FqlProblem;
  /** Why it is not known. */
  reason?: string;
}

export function useFqlCheck(expression: string, trigger = false): FqlAnswer {
  const isEmpty = expression.trim() === "";
  const { data, isPlaceholderData, error } = $api.useQuery(
    "post",
    "/api/v1/fql/check",
    { body: { expression, trigger } },
    { enabled: !isEmpty, staleTime: Number.POSITIVE_INFINITY, placeholderData: keepPreviousData },
  );
  return useMemo(() => {
    if (isEmpty) return { state: "empty" };
    if (error) return { state: "unknown", reason: error instanceof Error ? error.message : String(error) };
    if (!data || isPlaceholderData) return { state: "checking" };
    if (!data.problem) return { state: "right" };
    const { offset, length, line, message, hint } = data.problem;
    const from = utf16(expression, offset ?? 0);
    const to = utf16(expression, (offset ?? 0) + Math.max(1, length ?? 0));
    return { state: "wrong", problem: { from, to, line: line ?? 1, message, hint: hint ?? "" } };
  }, [isEmpty, error, data, isPlaceholderData, expression]);
}

/** The API counts characters; one beyond the basic plane is two of JavaScript's. */
export function utf16(text: string, characters: number): number {
  return [...text].slice(0, characters).join("").length;
}
