/** A definition as a form. It holds nothing: the tree comes in, changed trees go out. */

import { Group, Text } from "@mantine/core";
import { useMemo } from "react";
import { AddMenu, ExcludeMenu } from "./AddMenu";
import classes from "./Builder.module.css";
import { CodeNode } from "./CodeNode";
import { ComputationNode } from "./ComputationNode";
import { ConditionNode } from "./ConditionNode";
import { type Collection, type Editing, EditingProvider } from "./context";
import { emptyGroup, update } from "./model/edit";
import type { AnyNode, Definition } from "./model/nodes";
import { type Mistake, mistakesByNode } from "./model/places";
import { Mistakes } from "./NodeFrame";

interface Props {
  tree: Definition;
  onChange: (tree: Definition) => void;
  collection: Collection;
  /** Of what is being edited; empty: it has none yet. */
  ownKey: string;
  /** Their paths are inside the item of the workspace file. */
  mistakes: readonly Mistake[];
  /** Where in the item the tree stands: `where`, or of a trait at its top. */
  at: "where" | "";
  readOnly?: boolean;
}

export function Builder({ tree, onChange, collection, ownKey, mistakes, at, readOnly = false }: Props) {
  const byNode = useMemo(() => mistakesByNode(tree, at, mistakes), [tree, at, mistakes]);
  const editing: Editing = {
    root: tree,
    collection,
    ownKey,
    readOnly,
    apply: (change) => onChange(change(tree) ?? emptyGroup()),
    patch: (node, fields) => onChange(update(tree, node.id, (found) => ({ ...found, ...fields }) as AnyNode)),
    mistakesOf: (id) => byNode.get(id) ?? NONE,
  };
  return (
    <EditingProvider value={editing}>
      {tree.kind === "computation" ? (
        <ComputationNode node={tree} />
      ) : tree.kind === "code" && at === "" ? (
        <CodeNode node={tree} as="computation" />
      ) : (
        <div className={classes.items}>
          {tree.kind !== "group" && (
            <Text size="sm" mb={8}>
              {collection === "users" ? "People" : "Accounts"}
            </Text>
          )}
          <ConditionNode node={tree} isRoot />
          {tree.kind !== "group" && (
            <Group mt={10}>
              <AddMenu groupId={tree.id} />
              <ExcludeMenu />
            </Group>
          )}
        </div>
      )}
      <Mistakes
        lines={(byNode.get("") ?? NONE).map(({ path, message }) => (path ? `${path}: ${message}` : message))}
      />
    </EditingProvider>
  );
}

const NONE: readonly Mistake[] = [];
