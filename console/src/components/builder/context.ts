/** What every part of a builder knows: the whole tree, how to change it, what is wrong with it. */

import { createContext, use } from "react";
import type { AnyNode, Definition } from "./model/nodes";
import type { Mistake } from "./model/places";

export type Collection = "users" | "accounts";

export interface Editing {
  root: Definition;
  collection: Collection;
  /** Of what is being edited: it cannot refer to itself. */
  ownKey: string;
  readOnly: boolean;
  /** Changes the tree; null: nothing is left of it. */
  apply: (change: (root: Definition) => Definition | null) => void;
  /** Sets some fields of one node. */
  patch: <Node extends AnyNode>(node: Node, fields: Partial<Node>) => void;
  /** What the API says is wrong with a node. */
  mistakesOf: (id: string) => readonly Mistake[];
}

const Context = createContext<Editing | null>(null);

export const EditingProvider = Context.Provider;

export function useEditing(): Editing {
  const found = use(Context);
  if (!found) throw new Error("this is a part of a builder, and there is no builder around it");
  return found;
}
