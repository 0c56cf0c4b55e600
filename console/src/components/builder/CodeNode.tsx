/** What has no form: as JSON, or as text in the query language. It becomes a form as soon as it is one. */

import { Button, Group, Text } from "@mantine/core";
import { useState } from "react";
import { CodeEditor } from "../CodeEditor";
import classes from "./Builder.module.css";
import { useEditing } from "./context";
import { parentOf, update } from "./model/edit";
import type { AnyNode, Code, Condition, Negation } from "./model/nodes";
import { readComputation, readCondition, readPredicate } from "./model/read";
import { NodeFrame } from "./NodeFrame";

interface Props {
  node: Code;
  negation?: Negation<Condition>;
  /** What it is code of. */
  as: keyof typeof READERS;
}

const READERS = { condition: readCondition, predicate: readPredicate, computation: readComputation };

export function CodeNode({ node, negation, as }: Props) {
  const { patch, readOnly, apply, root } = useEditing();
  const [text, setText] = useState(() => asText(node.value));
  const form: AnyNode = READERS[as](node.value);
  const mayShow = form.kind !== "code" && parentOf(root, node.id)?.kind !== "sequence";

  function typed(next: string) {
    setText(next);
    patch(node, { value: asValue(next) });
  }

  return (
    <NodeFrame
      node={node}
      whole={negation ?? node}
      isInner={as === "predicate"}
      isFixed={as === "computation"}
      below={
        <div className={classes.where}>
          <CodeEditor
            label="Code of the condition"
            hideLabel
            language="text"
            value={text}
            onChange={typed}
            readOnly={readOnly}
            rowsMin={2}
            rowsMax={14}
            placeholder={`event('Order Completed').within(30 days).count() >= 3`}
          />
        </div>
      }
    >
      <Group gap="xs">
        <Text size="sm">{negation ? "not matching this code" : "matching this code"}</Text>
        <Text size="xs" c="dimmed">
          query language or JSON
        </Text>
        {mayShow && !readOnly && (
          <Button
            size="compact-xs"
            variant="subtle"
            onClick={() => apply((before) => update(before, node.id, () => form))}
          >
            Show as form
          </Button>
        )}
      </Group>
    </NodeFrame>
  );
}

function asText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value, null, 2);
}

/** JSON when it is JSON of a mapping or a list, else text. */
function asValue(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
