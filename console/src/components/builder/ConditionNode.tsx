/** One condition, of whatever kind; `not` around it is part of its sentence. */

import { Group as Row, SegmentedControl, Text } from "@mantine/core";
import { AddMenu, ExcludeMenu } from "./AddMenu";
import { AudienceNode } from "./AudienceNode";
import classes from "./Builder.module.css";
import { CodeNode } from "./CodeNode";
import { useEditing } from "./context";
import { EventNode } from "./EventNode";
import { Pick } from "./fields/Pick";
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
          <Text size="sm">for whom this is not true:</Text>
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
  const { patch, readOnly, mistakesOf, collection } = useEditing();
  const whole: AnyNode = negation ?? node;
  const isWhole = isRoot && !negation;
  const everybody = collection === "users" ? "People" : "Accounts";
  const { moved, keyed } = useMoves(whole);
  const mistakes = mistakesOf(node.id);
  return (
    <div
      className={classes.group}
      data-join={node.join}
      data-plain={isWhole || undefined}
      data-mistake={mistakes.length > 0 || undefined}
      role="group"
      aria-label={nodeName(whole)}
      onKeyDown={keyed}
    >
      <div className={classes.row}>
        <Row gap="xs" flex="1 1 auto" mb={10}>
          {isWhole ? (
            <Text size="sm">{everybody} who match</Text>
          ) : (
            <NegationSelect
              node={node}
              negation={negation}
              positive="{who} match"
              negative="{who} do not match"
            />
          )}
          <SegmentedControl
            size="xs"
            aria-label="How the conditions are joined"
            data={[
              { value: "all", label: "All" },
              { value: "any", label: "Any" },
            ]}
            value={node.join}
            readOnly={readOnly}
            onChange={(join) => patch(node, { join: join as "all" | "any" })}
          />
          <Text size="sm">of these conditions</Text>
        </Row>
        {!readOnly && !isWhole && <NodeMenu node={node} whole={whole} onMove={moved} />}
      </div>
      <ol className={classes.items}>
        {node.items.map((item, index) => (
          <li key={item.id}>
            {index > 0 && (
              <div className={classes.joiner} data-join={node.join}>
                <span>{node.join === "all" ? "and" : "or"}</span>
              </div>
            )}
            <ConditionNode node={item} />
          </li>
        ))}
      </ol>
      {node.items.length === 0 && (
        <Text size="sm" c="dimmed" mb="xs">
          {node.join === "all"
            ? `No conditions yet, so this matches all ${everybody.toLowerCase()}.`
            : "No conditions yet, so this matches nobody."}
        </Text>
      )}
      <Row mt={node.items.length > 0 ? 10 : 0}>
        <AddMenu groupId={node.id} />
        {isWhole && <ExcludeMenu />}
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
}: {
  node: Condition;
  negation: Negation<Condition> | undefined;
  /** What follows "people who". */
  positive: string;
  negative: string;
}) {
  const { apply, readOnly, collection } = useEditing();
  const who = collection === "users" ? "who" : "that";
  return (
    <Pick
      aria-label="Include or exclude"
      data={[
        { value: "yes", label: positive.replace("{who}", who) },
        { value: "no", label: negative.replace("{who}", who) },
      ]}
      value={negation ? "no" : "yes"}
      readOnly={readOnly}
      onChange={() => apply((root) => negate(root, node.id))}
    />
  );
}
