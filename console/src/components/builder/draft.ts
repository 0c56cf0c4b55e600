/**
 * A definition while it is edited, as a form and as YAML at once. Whichever was touched last is the truth; the API
 * says the other, and the query and the SQL, or what is wrong and where.
 */

import { useDebouncedValue } from "@mantine/hooks";
import { useEffect, useMemo, useState } from "react";
import { $api } from "~/api/client";
import type { Mistake as ApiMistake, Converted } from "~/api/schema";
import type { Collection } from "./context";
import type { Definition } from "./model/nodes";
import { readComputation, readCondition } from "./model/read";
import { write } from "./model/write";

export type Section = "traits" | "audiences";
export type Json = Record<string, unknown>;

const CONVERTED_AFTER_MS = 300;

export interface Draft {
  tree: Definition;
  editTree: (tree: Definition) => void;
  yaml: string;
  editYaml: (text: string) => void;
  /** Which of the two was touched last. */
  by: "tree" | "yaml";
  /** `checking`: nobody has looked at the newest text yet. */
  state: "checking" | "right" | "wrong" | "unknown";
  /** Why it is not known whether it is right. */
  error: unknown;
  mistakes: readonly ApiMistake[];
  /** The last that was right. */
  last: Converted | null;
  /** The item that can be saved; null while it is not right. */
  definition: Json | null;
}

interface About {
  section: Section;
  collection: Collection;
  /** Empty: it has none yet. */
  ownKey: string;
}

export function useDraft({ section, collection, ownKey }: About, initial: unknown): Draft {
  const [tree, setTree] = useState<Definition>(() => readDefinition(section, initial));
  const [yaml, setYaml] = useState("");
  const [by, setBy] = useState<"tree" | "yaml">("tree");
  const [last, setLast] = useState<Converted | null>(null);

  const text = by === "tree" ? JSON.stringify(itemOf(section, tree)) : yaml;
  const [settled] = useDebouncedValue(text, CONVERTED_AFTER_MS);
  const [settledKey] = useDebouncedValue(ownKey, CONVERTED_AFTER_MS);
  const isSettled = settled === text && settledKey === ownKey;
  const { data, error } = $api.useQuery(
    "post",
    "/api/v1/definitions/convert",
    {
      body: {
        section,
        notation: by === "tree" ? "json" : "yaml",
        text: settled,
        collection,
        key: settledKey,
      },
    },
    { enabled: isSettled, staleTime: 60_000, retry: false },
  );

  useEffect(() => {
    if (!isSettled || !data || data.problems.length > 0) return;
    setLast(data);
    if (by === "tree") setYaml(data.yaml);
    else setTree(readDefinition(section, bodyOf(section, data.definition)));
  }, [isSettled, data, by, section]);

  const mistakes = useMemo(() => {
    const found = data?.problems ?? [];
    const key = data?.definition.key;
    return found.length === 0 && ownKey && key !== undefined && key !== ownKey
      ? [{ ...NOWHERE, path: "key", message: `The key is ${ownKey}; it is not changed here.` }]
      : found;
  }, [data, ownKey]);

  const isKnown = isSettled && data !== undefined;
  const isRight = isKnown && mistakes.length === 0;
  return {
    tree,
    editTree: (next) => {
      setTree(next);
      setBy("tree");
    },
    yaml,
    editYaml: (next) => {
      if (next === yaml) return;
      setYaml(next);
      setBy("yaml");
    },
    by,
    state: isKnown ? (isRight ? "right" : "wrong") : error && isSettled ? "unknown" : "checking",
    error,
    mistakes: isKnown ? mistakes : NONE,
    last,
    definition: isRight && data ? (data.definition as Json) : null,
  };
}

const NONE: readonly ApiMistake[] = [];
const NOWHERE = { line: 0, offset: 0, length: 0, hint: "" };

/** Keys of an item that are not about what it computes. */
const ABOUT = ["key", "name", "collection", "destinations"];

/** Of an item of the workspace file: what it computes. */
export function bodyOf(section: Section, item: Json): unknown {
  if (section === "audiences") return item.where;
  return Object.fromEntries(Object.entries(item).filter(([name]) => !ABOUT.includes(name)));
}

/** The tree of an audience's condition, or of a trait's keys. */
export function readDefinition(section: Section, body: unknown): Definition {
  return section === "audiences" ? readCondition(body) : readComputation(body);
}

function itemOf(section: Section, tree: Definition): unknown {
  return section === "audiences" ? { where: write(tree) } : write(tree);
}
