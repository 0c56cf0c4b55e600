/** "are in the audience big spenders" */

import { Select } from "@mantine/core";
import { $api } from "~/api/client";
import { NegationSelect, type NodeProps } from "./ConditionNode";
import { useEditing } from "./context";
import type { AudienceCondition } from "./model/nodes";
import { NodeFrame } from "./NodeFrame";

export function AudienceNode({ node, negation }: NodeProps<AudienceCondition>) {
  const { patch, readOnly, collection, ownKey, mistakesOf } = useEditing();
  const { data } = $api.useQuery("get", "/api/v1/audiences", { params: { query: { limit: 1000 } } });
  const others = (data?.data ?? []).filter((each) => each.collection === collection && each.key !== ownKey);
  const known = others.map((each) => ({ value: each.key, label: each.name || each.key }));
  const isKnown = node.key === "" || known.some((each) => each.value === node.key);
  return (
    <NodeFrame node={node} whole={negation ?? node}>
      <NegationSelect
        node={node}
        negation={negation}
        positive="{who} are in the audience"
        negative="{who} are not in the audience"
      />
      <Select
        size="xs"
        w="14rem"
        aria-label="Audience"
        placeholder="Choose an audience"
        searchable
        data={isKnown ? known : [...known, { value: node.key, label: `${node.key} (deleted)` }]}
        value={node.key || null}
        onChange={(key) => patch(node, { key: key ?? "" })}
        readOnly={readOnly}
        error={node.key !== "" && mistakesOf(node.id).length > 0}
        nothingFoundMessage="No other audience"
      />
    </NodeFrame>
  );
}
