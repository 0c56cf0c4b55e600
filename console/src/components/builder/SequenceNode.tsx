/** "did A, then B, then C, all within 7 days" */

import { Button, Group, Text } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import classes from "./Builder.module.css";
import { CodeNode } from "./CodeNode";
import { NegationSelect, type NodeProps } from "./ConditionNode";
import { useEditing } from "./context";
import { EventsFields } from "./EventsFields";
import { DurationField } from "./fields/DurationField";
import { Pick } from "./fields/Pick";
import { append } from "./model/edit";
import { freshStep } from "./model/fresh";
import type { SequenceCondition, Step } from "./model/nodes";
import { NodeFrame } from "./NodeFrame";
import { Where } from "./Where";

/** As many as the API takes. */
const STEPS_MAX = 10;

export function SequenceNode({ node, negation }: NodeProps<SequenceCondition>) {
  const { patch, readOnly, apply } = useEditing();
  return (
    <NodeFrame
      node={node}
      whole={negation ?? node}
      below={
        <div className={classes.where}>
          <ol className={classes.items}>
            {node.steps.map((step, index) => (
              <li key={step.id}>
                {index > 0 && (
                  <div className={classes.joiner}>
                    <span>then</span>
                  </div>
                )}
                {step.kind === "step" ? <StepNode node={step} /> : <CodeNode node={step} as="condition" />}
              </li>
            ))}
          </ol>
          {!readOnly && node.steps.length < STEPS_MAX && (
            <Button
              mt={8}
              size="compact-sm"
              variant="light"
              leftSection={<IconPlus size={14} />}
              onClick={() => apply((root) => append(root, node.id, freshStep()))}
            >
              Add step
            </Button>
          )}
        </div>
      }
    >
      <NegationSelect node={node} negation={negation} positive="{who} did" negative="{who} did not do" />
      <Text size="sm">in this order,</Text>
      <Group gap={6}>
        <Pick
          aria-label="Time for the sequence"
          data={[
            { value: "ever", label: "any time apart" },
            { value: "within", label: "all within" },
          ]}
          value={node.within === undefined ? "ever" : "within"}
          readOnly={readOnly}
          onChange={(pace) => patch(node, { within: pace === "within" ? "7d" : undefined })}
        />
        {node.within !== undefined && (
          <DurationField
            label="Time for the sequence"
            value={node.within}
            readOnly={readOnly}
            onChange={(within) => patch(node, { within })}
          />
        )}
      </Group>
    </NodeFrame>
  );
}

function StepNode({ node }: { node: Step }) {
  return (
    <NodeFrame node={node} below={<Where node={node} isFollowing={false} parent={undefined} />}>
      <EventsFields node={node} />
    </NodeFrame>
  );
}
