/** Another name or role for a teammate. */

import { Alert, Button, Group, Stack, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import type { TeammateChange, TeammateLine } from "~/api/schema";
import { Failed } from "~/components/states";
import { RoleChoice } from "./RoleChoice";

interface Props {
  line: TeammateLine;
  save: (change: TeammateChange) => Promise<void>;
  close: () => void;
}

export function EditPerson({ line, save, close }: Props) {
  const [name, setName] = useState(line.name);
  const [role, setRole] = useState(line.role);
  const saving = useMutation({ mutationFn: () => save({ name, role }), onSuccess: close });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        saving.mutate();
      }}
    >
      <Stack>
        <TextInput
          label="Name"
          value={name}
          maxLength={100}
          onChange={(event) => setName(event.currentTarget.value)}
          data-autofocus
        />
        <RoleChoice value={role} onChange={setRole} who="They" />
        {role !== line.role && !line.is_invited && (
          <Alert color="orange" title="What this does">
            They are signed out everywhere, and get the new role when they sign in again.
          </Alert>
        )}
        {saving.error && <Failed error={saving.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button
            type="submit"
            loading={saving.isPending}
            disabled={!name.trim() || (name === line.name && role === line.role)}
          >
            Save
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
