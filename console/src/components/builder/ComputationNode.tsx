/** How a trait is computed: what is made of which events. */

import { SimpleGrid, Text, UnstyledButton } from "@mantine/core";
import classes from "./Builder.module.css";
import choices from "./Computation.module.css";
import { useEditing } from "./context";
import { EventsFields } from "./EventsFields";
import { WindowField } from "./fields/WindowField";
import { gapOf } from "./model/gaps";
import type { Computation, Reducer } from "./model/nodes";
import { REDUCER_NAMES, REDUCERS } from "./model/operators";
import { Mistakes } from "./NodeFrame";
import { ReducedFields } from "./ReducedFields";
import { Where } from "./Where";

export function ComputationNode({ node }: { node: Computation }) {
  const { patch, readOnly, mistakesOf } = useEditing();
  const mistakes = mistakesOf(node.id);
  const gap = gapOf(node);

  function chosen(reducer: Reducer) {
    const { types } = REDUCERS[reducer];
    patch(node, {
      reducer,
      asType: node.asType && types.includes(node.asType) ? node.asType : undefined,
      frequencyMin: reducer === "most_frequent" ? node.frequencyMin : undefined,
      property:
        reducer === "count" ? undefined : (node.property ?? (node.path === undefined ? "" : undefined)),
      path: reducer === "count" ? undefined : node.path,
    });
  }

  return (
    <div>
      <SimpleGrid
        cols={{ base: 2, md: 5 }}
        spacing={8}
        role="radiogroup"
        aria-label="What is computed"
        mb={6}
      >
        {REDUCER_NAMES.map((reducer) => (
          <UnstyledButton
            key={reducer}
            role="radio"
            aria-checked={node.reducer === reducer}
            disabled={readOnly}
            className={choices.choice}
            data-chosen={node.reducer === reducer || undefined}
            onClick={() => chosen(reducer)}
          >
            <Text size="sm" fw={500}>
              {REDUCERS[reducer].label}
            </Text>
          </UnstyledButton>
        ))}
      </SimpleGrid>
      <Text size="sm" c="dimmed" mb="md">
        {REDUCERS[node.reducer].hint}.
      </Text>
      <div className={classes.node} data-mistake={(mistakes.length > 0 && !gap) || undefined}>
        <div className={classes.fields}>
          <Text size="sm">
            {node.reducer === "count" ? "how often they did" : REDUCERS[node.reducer].words}
          </Text>
          {node.reducer !== "count" && (
            <>
              <ReducedFields events={node} reduced={node} onChange={(fields) => patch(node, fields)} />
              <Text size="sm">of</Text>
            </>
          )}
          <EventsFields node={node} />
          <WindowField
            value={node.window}
            onChange={(window) => patch(node, { window })}
            hasSession
            readOnly={readOnly}
          />
        </div>
        <Where node={node} isFollowing={false} parent={undefined} />
        <Mistakes lines={mistakes.map((mistake) => mistake.message)} gap={gap} />
      </div>
    </div>
  );
}
