/** The plan that the page is about: as it is stored, and as somebody is changing it. All tabs work on the same draft. */

import { createContext, useCallback, useContext, useMemo, useState } from "react";
import type { Problem } from "~/api/client";
import type { PlanDetail } from "~/api/schema";
import { draftOf, isSame, type PlanDraft } from "../model/draft";

export interface PlanState {
  detail: PlanDetail;
  saved: PlanDraft;
  draft: PlanDraft;
  isDirty: boolean;
  /** Somebody has stored another version since this draft was begun. */
  isOutrun: boolean;
  update: (change: (draft: PlanDraft) => PlanDraft) => void;
  discard: () => void;
  /** What the platform found wrong with the draft when it was to be saved; told until the draft changes. */
  problems: Problem[];
  setProblems: (problems: Problem[]) => void;
}

export const PlanContext = createContext<PlanState | null>(null);

export function usePlan(): PlanState {
  const state = useContext(PlanContext);
  if (!state) throw new Error("there is no plan: this component is outside of its page");
  return state;
}

interface Kept {
  /** The version of the plan that it began with. */
  base: number;
  draft: PlanDraft;
}

/** A draft outlives the page: it is in the tab's session storage until it is saved or thrown away. */
export function useDraft(detail: PlanDetail): PlanState {
  const key = `headwater-plan ${detail.name}`;
  const [kept, setKept] = useState<Kept | null>(() => read(key));
  const [problems, setProblems] = useState<Problem[]>([]);
  const saved = useMemo(() => draftOf(detail.plan), [detail.plan]);
  const draft = kept?.draft ?? saved;

  const keep = useCallback(
    (next: Kept | null) => {
      setKept(next);
      setProblems([]);
      try {
        if (next) sessionStorage.setItem(key, JSON.stringify(next));
        else sessionStorage.removeItem(key);
      } catch {
        // It is too large for the browser's store: it lives as long as the page does.
      }
    },
    [key],
  );
  const update = useCallback(
    (change: (before: PlanDraft) => PlanDraft) => {
      const next = change(draft);
      keep(isSame(next, saved) ? null : { base: kept?.base ?? detail.version, draft: next });
    },
    [draft, saved, kept, detail.version, keep],
  );
  const discard = useCallback(() => keep(null), [keep]);

  return {
    detail,
    saved,
    draft,
    isDirty: kept !== null && !isSame(draft, saved),
    isOutrun: kept !== null && kept.base !== detail.version,
    update,
    discard,
    problems,
    setProblems,
  };
}

function read(key: string): Kept | null {
  try {
    return JSON.parse(sessionStorage.getItem(key) ?? "null") as Kept | null;
  } catch {
    return null;
  }
}
