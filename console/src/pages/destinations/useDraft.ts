/** What somebody changes about a destination, until it is saved or given up. */

import { useState } from "react";
import { ApiError, type Problem } from "~/api/client";
import type { Applied, DestinationDetail } from "~/api/schema";
import { review } from "~/components/review";
import { put, type WholeDestination, whole } from "./destination";

export interface Draft {
  value: WholeDestination;
  set: (change: Partial<WholeDestination>) => void;
  isChanged: boolean;
  /** Somebody else has changed the destination since this began. */
  isOvertaken: boolean;
  reset: () => void;
  /** Shows what would change, and saves when that is confirmed. */
  save: (notes?: string[], onSaved?: (applied: Applied) => void) => void;
  /** What the API has said, with paths inside the destination. */
  problems: Problem[];
}

export function useDraft(detail: DestinationDetail): Draft {
  const stored = whole(detail.destination);
  const [base, setBase] = useState(stored);
  const [value, setValue] = useState(stored);
  const [problems, setProblems] = useState<Problem[]>([]);
  const isChanged = JSON.stringify(value) !== JSON.stringify(base);
  const isOvertaken = JSON.stringify(stored) !== JSON.stringify(base);
  if (isOvertaken && !isChanged) {
    setBase(stored);
    setValue(stored);
  }
  function reset() {
    setBase(stored);
    setValue(stored);
    setProblems([]);
  }
  return {
    value,
    set: (change) => setValue((before) => ({ ...before, ...change })),
    isChanged,
    isOvertaken: isOvertaken && isChanged,
    reset,
    problems,
    save: (notes, onSaved) => {
      setProblems([]);
      review({
        title: `Save ${value.name}`,
        notes: notes ?? [],
        ask: put(detail, value),
        onWrong: (error) => setProblems(problemsOf(error)),
        onSaved: (applied) => {
          setBase(value);
          onSaved?.(applied);
        },
      });
    },
  };
}

export function problemsOf(error: unknown): Problem[] {
  if (!(error instanceof ApiError)) return [];
  if (error.problems.length > 0) return error.problems;
  return error.field ? [{ path: error.field, message: error.message }] : [];
}

/** Mistakes by path: `pace.per_s` → what is wrong there. */
export function byPath(problems: readonly Problem[]): Record<string, string> {
  return Object.fromEntries(problems.map(({ path, message }) => [path, message]));
}
