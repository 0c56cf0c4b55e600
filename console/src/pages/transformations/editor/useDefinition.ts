/**
 * A transformation while it is edited, as a form and as YAML at once. Whichever was touched last is the truth; the API
 * says the other, or why the YAML cannot be read.
 */

import { useDebouncedValue } from "@mantine/hooks";
import { useEffect, useState } from "react";
import { $api } from "~/api/client";
import type { Mistake } from "~/api/schema";
import { type Draft, definitionOf, draftOf, isSame } from "../model/draft";

const CONVERTED_AFTER_MS = 300;

export interface Definition {
  draft: Draft;
  editDraft: (draft: Draft) => void;
  yaml: string;
  editYaml: (text: string) => void;
  /** Why the YAML that was typed cannot be read; the draft is as it was before. */
  mistakes: readonly Mistake[];
  /** The form follows the newest YAML. */
  isRead: boolean;
}

export function useDefinition(initial: Draft): Definition {
  const [draft, setDraft] = useState(initial);
  const [yaml, setYaml] = useState("");
  const [by, setBy] = useState<"form" | "yaml">("form");

  const text = by === "form" ? JSON.stringify(definitionOf(draft)) : yaml;
  const [settled] = useDebouncedValue(text, CONVERTED_AFTER_MS);
  const isSettled = settled === text;
  const { data } = $api.useQuery(
    "post",
    "/api/v1/transformations/-/convert",
    { body: { notation: by === "form" ? "json" : "yaml", text: settled } },
    { enabled: isSettled, staleTime: Number.POSITIVE_INFINITY, retry: false },
  );

  useEffect(() => {
    if (!isSettled || !data || data.problems.length > 0) return;
    if (by === "form") setYaml(data.yaml);
    else
      setDraft((before) => {
        const read = draftOf(data.definition);
        return isSame(definitionOf(read), definitionOf(before)) ? before : read;
      });
  }, [isSettled, data, by]);

  return {
    draft,
    editDraft: (next) => {
      setDraft(next);
      setBy("form");
    },
    yaml,
    editYaml: (next) => {
      if (next === yaml) return;
      setYaml(next);
      setBy("yaml");
    },
    mistakes: by === "yaml" && isSettled ? (data?.problems ?? NONE) : NONE,
    isRead: by === "form" || (isSettled && data?.problems.length === 0),
  };
}

const NONE: readonly Mistake[] = [];
