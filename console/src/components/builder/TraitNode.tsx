/** "whose country is US": a trait that was sent, or that is computed. */

import { NegationSelect, type NodeProps } from "./ConditionNode";
import { useEditing } from "./context";
import { ComparedFields } from "./fields/ComparedFields";
import { NameField } from "./fields/NameField";
import type { TraitCondition } from "./model/nodes";
import { operatorsOf } from "./model/operators";
import { NodeFrame } from "./NodeFrame";
import { useSuggestions, useTraitValues } from "./suggestions";

export function TraitNode({ node, negation }: NodeProps<TraitCondition>) {
  const { patch, readOnly, collection, ownKey, mistakesOf } = useEditing();
  const found = useSuggestions("trait", node.name);
  const types = found.find((each) => each.text === node.name && each.types.length > 0)?.types ?? [];
  const values = useTraitValues(node.name, collection);
  return (
    <NodeFrame node={node} whole={negation ?? node}>
      <NegationSelect node={node} negation={negation} positive="whose" negative="except those whose" />
      <NameField
        label={node.of === "computed" ? "Computed trait" : "Trait"}
        kind="trait"
        value={node.name}
        onChange={(name) => patch(node, { name, of: "trait" })}
        placeholder="Choose a trait"
        readOnly={readOnly}
        without={[ownKey]}
        hasError={mistakesOf(node.id).some((mistake) => mistake.path.endsWith(`.${node.of}`))}
      />
      <ComparedFields
        compared={node}
        onChange={(compared) => patch(node, { op: compared.op, value: compared.value })}
        operators={operatorsOf(types)}
        types={types}
        values={values}
        sides={["trait"]}
        reference={(reference, onChange) => (
          <NameField
            label="Trait to compare with"
            kind="trait"
            value={reference.name}
            onChange={(name) => onChange({ ...reference, name })}
            readOnly={readOnly}
          />
        )}
        readOnly={readOnly}
      />
    </NodeFrame>
  );
}
