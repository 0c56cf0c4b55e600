/** What kind of condition it is, to be told at a glance. */

import { ThemeIcon } from "@mantine/core";
import {
  IconBolt,
  IconBoxMultiple,
  IconBraces,
  IconListNumbers,
  IconTargetArrow,
  IconUsers,
  IconVariable,
} from "@tabler/icons-react";
import type { ConditionKind } from "./model/fresh";

/** Of what is no condition, too: a step of a sequence is an event. */
const OTHERS: Record<string, ConditionKind> = { step: "event" };

export const KIND_ICONS: Record<ConditionKind, { icon: typeof IconBolt; color: string }> = {
  event: { icon: IconBolt, color: "water" },
  trait: { icon: IconVariable, color: "violet" },
  audience: { icon: IconTargetArrow, color: "teal" },
  sequence: { icon: IconListNumbers, color: "orange" },
  users: { icon: IconUsers, color: "indigo" },
  group: { icon: IconBoxMultiple, color: "gray" },
  code: { icon: IconBraces, color: "gray" },
};

export function iconOf(kind: string) {
  const known = OTHERS[kind] ?? kind;
  return known in KIND_ICONS ? KIND_ICONS[known as ConditionKind] : undefined;
}

export function KindIcon({ icon: Icon, color }: NonNullable<ReturnType<typeof iconOf>>) {
  return (
    <ThemeIcon size={26} radius="sm" variant="light" color={color} mt={2} aria-hidden>
      <Icon size={15} stroke={1.8} />
    </ThemeIcon>
  );
}
