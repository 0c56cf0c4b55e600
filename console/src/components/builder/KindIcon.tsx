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

export const KIND_ICONS: Record<ConditionKind, { icon: typeof IconBolt; color: string }> = {
  event: { icon: IconBolt, color: "water" },
  trait: { icon: IconVariable, color: "violet" },
  audience: { icon: IconTargetArrow, color: "teal" },
  sequence: { icon: IconListNumbers, color: "orange" },
  users: { icon: IconUsers, color: "indigo" },
  group: { icon: IconBoxMultiple, color: "gray" },
  code: { icon: IconBraces, color: "gray" },
};

export function KindIcon({ kind }: { kind: string }) {
  const found = kind in KIND_ICONS ? KIND_ICONS[kind as ConditionKind] : undefined;
  if (!found) return null;
  const { icon: Icon, color } = found;
  return (
    <ThemeIcon size={26} radius="sm" variant="light" color={color} mt={2} aria-hidden>
      <Icon size={15} stroke={1.8} />
    </ThemeIcon>
  );
}
