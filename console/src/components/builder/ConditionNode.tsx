/** One condition, of whatever kind; `not` around it is part of its sentence. */

import { Group as Row, SegmentedControl, Select, Text } from "@mantine/core";
import { AddMenu } from "./AddMenu";
import { AudienceNode } from "./AudienceNode";
import classes from "./Builder.module.css";
import { CodeNode } from "./CodeNode";
import { useEditing } from "./context";
import { EventNode } from "./EventNode";
import { negate } from "./model/edit";
import type { AnyNode, Condition, Group, Negation } from "./model/nodes";
import { nodeName } from "./model/words";
import { Mistakes, NodeFrame, NodeMenu, useMoves } from "./NodeFrame";
import { SequenceNode } from "./SequenceNode";
import { TraitNode } from "./TraitNode";
import { UsersNode } from "./UsersNode";

export interface NodeProps<Node> {
  node: Node;
  /** The `not` around it. */
  negation?: Negation<Condition>;
  isRoot?: boolean;
}

export function ConditionNode({ node, negation, isRoot = false }: NodeProps<Condition>) {
  switch (node.kind) {
    case "group":
      return <GroupNode node={node} negation={negation} isRoot={isRoot} />;
    case "not":
      if (!negation) return <ConditionNode node={node.item} negation={node} isRoot={isRoot} />;
      return (
        <NodeFrame
          node={node}
          whole={negation}
          below={
            <div className={classes.where}>
              <ConditionNode node={node.item} negation={node} />
            </div>
          }
        >
          <Text size="sm">it is not the case that they</Text>
        </NodeFrame>
      );
    case "event":
      return <EventNode node={node} negation={negation} />;
    case "trait":
      return <TraitNode node={node} negation={negation} />;
    case "audience":
      return <AudienceNode node={node} negation={negation} />;
    case "sequence":
      return <SequenceNode node={node} negation={negation} />;
    case "users":
      return <UsersNode node={node} negation={negation} />;
    case "code":
      return <CodeNode node={node} negation={negation} as="condition" />;
  }
}

function GroupNode({ node, negation, isRoot = false }: NodeProps<Group<Condition>>) {
  const { patch, readOnly, mistakesOf } = useEditing();
  const whole: AnyNode = negation ?? node;
  const { moved, keyed } = useMoves(whole);
  const mistakes = mistakesOf(node.id);
  return (
    <div
      className={classes.group}
      data-join={node.join}
      data-plain={(isRoot && !negation) || undefined}
      data-mistake={mistakes.length > 0 || undefined}
      role="group"
      aria-label={nodeName(whole)}
      onKeyDown={keyed}
    >
      <div className={classes.row}>
        <Row gap="xs" flex="1 1 auto" mb={8}>
          <NegationSelect node={node} negation={negation} positive="meet" negative="do not meet" />
          <SegmentedControl
            size="xs"
            aria-label="How the conditions are joined"
            data={[
              { value: "all", label: "All of these" },
              { value: "any", label: "Any of these" },
            ]}
            value={node.join}
            readOnly={readOnly}
            onChange={(join) => patch(node, { join: join as "all" | "any" })}
          />
        </Row>
        {!readOnly && !(isRoot && !negation) && <NodeMenu node={node} whole={whole} onMove={moved} />}
      </div>
      <ol className={classes.items}>
        {node.items.map((item, index) => (
          <li key={item.id}>
            {index > 0 && <div className={classes.joiner}>{node.join === "all" ? "and" : "or"}</div>}
            <ConditionNode node={item} />
          </li>
        ))}
      </ol>
      {node.items.length === 0 && (
        <Text size="sm" c="dimmed" mb="xs">
          {node.join === "all"
            ? "No conditions yet: this is true of everybody."
            : "No conditions yet: this is true of nobody."}
        </Text>
      )}
      <Row mt={node.items.length > 0 ? 10 : 0}>
        <AddMenu groupId={node.id} />
      </Row>
      <Mistakes lines={mistakes.map((mistake) => mistake.message)} />
    </div>
  );
}

/** The verb of a sentence, positive or negative. */
export function NegationSelect({
  node,
  negation,
  positive,
  negative,
  width = "8.5rem",
}: {
  node: Condition;
  negation: Negation<Condition> | undefined;
  positive: string;
  negative: string;
  width?: string;
}) {
  const { apply, readOnly } = useEditing();
  return (
    <Select
      size="xs"
      w={width}
      aria-label="Whether it is so"
      allowDeselect={false}
      data={[
        { value: "yes", label: positive },
        { value: "no", label: negative },
      ]}
      value={negation ? "no" : "yes"}
      readOnly={readOnly}
      onChange={() => apply((root) => negate(root, node.id))}
    />
  );
}
