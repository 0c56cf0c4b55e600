/** Adds a condition, or, of the whole, somebody who does not belong to it. */

import { Button, Menu, Text } from "@mantine/core";
import { IconPlus, IconUserMinus } from "@tabler/icons-react";
import { type Collection, useEditing } from "./context";
import { KIND_ICONS } from "./KindIcon";
import { add, exclude } from "./model/edit";
import { type ConditionKind, freshCondition } from "./model/fresh";

interface Choice {
  kind: ConditionKind;
  label: string;
  about: string;
}

const CHOICES: Choice[] = [
  { kind: "event", label: "Event", about: "What they did, how often and when" },
  { kind: "trait", label: "Trait", about: "A profile or computed trait" },
  { kind: "audience", label: "Audience", about: "Membership in another audience" },
  { kind: "sequence", label: "Sequence", about: "Events in a given order" },
  { kind: "users", label: "Users of the account", about: "What the people of an account did" },
  { kind: "group", label: "Group", about: "Several conditions, joined by and / or" },
  { kind: "code", label: "Query or JSON", about: "Written in the query language" },
];

export function AddMenu({ groupId }: { groupId: string }) {
  const { apply, readOnly } = useEditing();
  if (readOnly) return null;
  return (
    <ConditionMenu
      label="Add condition"
      icon={IconPlus}
      variant="light"
      onChosen={(kind) => apply((root) => add(root, groupId, freshCondition(kind)))}
    />
  );
}

export function ExcludeMenu() {
  const { apply, readOnly, collection } = useEditing();
  if (readOnly) return null;
  return (
    <ConditionMenu
      label={collection === "users" ? "Exclude people" : "Exclude accounts"}
      icon={IconUserMinus}
      variant="subtle"
      onChosen={(kind) => apply((root) => exclude(root, freshCondition(kind)))}
    />
  );
}

interface MenuProps {
  label: string;
  icon: typeof IconPlus;
  variant: "light" | "subtle";
  onChosen: (kind: ConditionKind) => void;
}

function ConditionMenu({ label, icon: Sign, variant, onChosen }: MenuProps) {
  const { collection } = useEditing();
  return (
    <Menu position="bottom-start" width={290}>
      <Menu.Target>
        <Button size="compact-sm" variant={variant} leftSection={<Sign size={14} />}>
          {label}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {choicesOf(collection).map(({ kind, label: name, about }) => {
          const Icon = KIND_ICONS[kind].icon;
          return (
            <Menu.Item
              key={kind}
              leftSection={<Icon size={18} stroke={1.6} />}
              onClick={() => onChosen(kind)}
            >
              {name}
              <Text size="xs" c="dimmed">
                {about}
              </Text>
            </Menu.Item>
          );
        })}
      </Menu.Dropdown>
    </Menu>
  );
}

function choicesOf(collection: Collection): Choice[] {
  return CHOICES.filter(({ kind }) => kind !== "users" || collection === "accounts");
}
