/** The rule of one type of external id. What is written here is saved with the page. */

import { Button, Drawer, Group, Stack } from "@mantine/core";
import type { IdentityDetail } from "~/api/schema";
import { FieldInput } from "./FieldInput";
import { limitByDefault, type Rule } from "./rules";

const LABELS: Record<string, string> = {
  limit: "Values per profile",
  period: "Period",
  block: "Blocked values",
  block_regex: "Blocked patterns",
  keys: "Also read from",
};

const PERIODS: Record<string, string> = {
  ever: "All time",
  annually: "One year",
  monthly: "One month",
  weekly: "One week",
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
      title={rule && `Rule for ${rule.type}`}
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
              const about = isLimit
                ? "How many different values one profile may have within the period."
                : field.description;
              return (
                <FieldInput
                  key={`${rule.type} ${field.name}`}
                  field={{ ...field, default: fallback, description: about }}
                  label={LABELS[field.name]}
                  choices={field.name === "period" ? PERIODS : undefined}
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
