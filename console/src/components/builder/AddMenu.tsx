/** Adds a condition. */

import { Button, Menu, Text } from "@mantine/core";
import {
  IconBolt,
  IconBoxMultiple,
  IconBraces,
  IconListNumbers,
  IconPlus,
  IconTargetArrow,
  IconUsers,
  IconVariable,
} from "@tabler/icons-react";
import { useEditing } from "./context";
import { add } from "./model/edit";
import { type ConditionKind, freshCondition } from "./model/fresh";

const CHOICES: { kind: ConditionKind; label: string; about: string; icon: typeof IconPlus }[] = [
  { kind: "event", label: "Event", about: "What somebody did, how often, when", icon: IconBolt },
  { kind: "trait", label: "Trait", about: "What is known or computed of somebody", icon: IconVariable },
  { kind: "audience", label: "Audience", about: "Who is in another audience", icon: IconTargetArrow },
  { kind: "sequence", label: "Sequence", about: "First this, then that", icon: IconListNumbers },
  { kind: "users", label: "Users of the account", about: "What its people are or did", icon: IconUsers },
  { kind: "group", label: "Group", about: "Any of several, or all of several", icon: IconBoxMultiple },
  { kind: "code", label: "Query or JSON", about: "Written, in the query language", icon: IconBraces },
];

export function AddMenu({ groupId, label = "Add condition" }: { groupId: string; label?: string }) {
  const { apply, collection, readOnly } = useEditing();
  if (readOnly) return null;
  return (
    <Menu position="bottom-start" width={290}>
      <Menu.Target>
        <Button size="compact-sm" variant="light" leftSection={<IconPlus size={14} />}>
          {label}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {CHOICES.filter(({ kind }) => kind !== "users" || collection === "accounts").map(
          ({ kind, label: name, about, icon: Icon }) => (
            <Menu.Item
              key={kind}
              leftSection={<Icon size={18} stroke={1.6} />}
              onClick={() => apply((root) => add(root, groupId, freshCondition(kind)))}
            >
              {name}
              <Text size="xs" c="dimmed">
                {about}
              </Text>
            </Menu.Item>
          ),
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
