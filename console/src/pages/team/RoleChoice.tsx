/** One of three roles, each with what it can do. */

import { Radio, Stack } from "@mantine/core";
import type { Role } from "~/api/schema";
import { ROLE_NAMES, ROLES } from "~/components/roles";

interface Props {
  value: Role;
  onChange: (role: Role) => void;
  /** Whose: "They can", "It can". */
  who: string;
}

export function RoleChoice({ value, onChange, who }: Props) {
  return (
    <Radio.Group label="Role" value={value} onChange={(chosen) => onChange(chosen as Role)}>
      <Stack gap="xs" mt={6}>
        {ROLE_NAMES.map((role) => (
          <Radio
            key={role}
            value={role}
            label={ROLES[role].label}
            description={`${who} can ${ROLES[role].can}.`}
          />
        ))}
      </Stack>
    </Radio.Group>
  );
}
