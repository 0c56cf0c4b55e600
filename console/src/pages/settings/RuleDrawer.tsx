/** The rule of one type of external id. What is written here is saved with the page. */

import { Button, Drawer, Group, Stack } from "@mantine/core";
import type { IdentityDetail } from "~/api/schema";
import { FieldInput } from "./FieldInput";
import { limitByDefault, type Rule } from "./rules";

const LABELS: Record<string, string> = {
  limit: "Values of one profile",
  period: "Within",
  block: "Never taken for an id",
  block_regex: "Nor what matches one of these",
  keys: "Also read from",
};

interface Props {
  rule: Rule | undefined;
  detail: IdentityDetail;
  index: number;
  mistakes: Record<string, string>;
  readOnly: boolean;
  onChange: (rule: Rule) => void;
  onClose: () => void;
}

export function RuleDrawer({ rule, detail, index, mistakes, readOnly, onChange, onClose }: Props) {
  return (
    <Drawer
      opened={rule !== undefined}
      onClose={onClose}
      title={rule?.type}
      size="md"
      closeButtonProps={{ "aria-label": "Close" }}
    >
      {rule && (
        <Stack gap="lg">
          {detail.rule_fields
            .filter((field) => field.name !== "type")
            .map((field) => {
              const isLimit = field.name === "limit";
              const fallback = isLimit ? limitByDefault(detail, rule.type) : field.default;
              const value = rule[field.name as keyof Rule] ?? fallback;
              const about = isLimit ? "Values that one profile may have." : field.description;
              return (
                <FieldInput
                  key={`${rule.type} ${field.name}`}
                  field={{ ...field, default: fallback, description: about }}
                  label={LABELS[field.name]}
                  value={value}
                  onChange={(next) =>
                    onChange({ ...rule, [field.name]: isLimit && next === fallback ? null : next })
                  }
                  mistake={mistakes[`external_ids[${index}].${field.name}`]}
                  readOnly={readOnly}
                />
              );
            })}
          <Group justify="flex-end">
            <Button onClick={onClose}>Done</Button>
          </Group>
        </Stack>
      )}
    </Drawer>
  );
}
