/** Of accounts: "have at least one user who …" */

import { Text } from "@mantine/core";
import classes from "./Builder.module.css";
import { ConditionNode, NegationSelect, type NodeProps } from "./ConditionNode";
import { useEditing } from "./context";
import { Pick } from "./fields/Pick";
import type { UsersCondition } from "./model/nodes";
import { NodeFrame } from "./NodeFrame";

export function UsersNode({ node, negation }: NodeProps<UsersCondition>) {
  const { patch, readOnly } = useEditing();
  return (
    <NodeFrame
      node={node}
      whole={negation ?? node}
      below={
        <div className={classes.where}>
          <ConditionNode node={node.item} />
        </div>
      }
    >
      <NegationSelect node={node} negation={negation} positive="{who} have" negative="{who} do not have" />
      <Pick
        aria-label="Which users"
        data={[
          { value: "any", label: "at least one user" },
          { value: "all", label: "only users" },
          { value: "none", label: "no user" },
        ]}
        value={node.quantifier}
        readOnly={readOnly}
        onChange={(quantifier) => patch(node, { quantifier: quantifier as UsersCondition["quantifier"] })}
      />
      <Text size="sm">who</Text>
    </NodeFrame>
  );
}
