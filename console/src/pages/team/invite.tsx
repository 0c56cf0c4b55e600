/** Inviting a teammate: who, as what; then the link to share. */

import { Button, Group, Stack, TextInput } from "@mantine/core";
import { modals } from "@mantine/modals";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "~/api/client";
import type { Role } from "~/api/schema";
import { Email, OtherFault } from "~/components/Credentials";
import { HandOver } from "./HandOver";
import { RoleChoice } from "./RoleChoice";

export function invite(): void {
  const id = modals.open({
    title: "Invite a teammate",
    size: "lg",
    children: <Invite close={() => modals.close(id)} />,
  });
}

function Invite({ close }: { close: () => void }) {
  const queries = useQueryClient();
  const [email, setEmail] = useState("");
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("viewer");
  const add = useMutation({
    mutationFn: () => api.POST("/api/v1/team/members", { body: { email, name, role } }),
    onSuccess: () => queries.invalidateQueries(),
  });
  const invited = add.data?.data;
  if (invited)
    return <HandOver who={invited.teammate.email} link={invited.link} what="invitation" close={close} />;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        add.mutate();
      }}
    >
      <Stack>
        <Email value={email} onChange={setEmail} error={add.error} autoComplete="off" data-autofocus />
        <TextInput
          label="Name"
          description="Optional. They can choose it themselves."
          autoComplete="off"
          maxLength={100}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <RoleChoice value={role} onChange={setRole} who="They" />
        <OtherFault error={add.error} fields={["email"]} />
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button type="submit" loading={add.isPending} disabled={!email}>
            Create invitation
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
