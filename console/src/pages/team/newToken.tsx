/** A new API token: what it is for, what it may do, how long; then the token, this once. */

import { Alert, Button, Group, Select, Stack, Text, TextInput } from "@mantine/core";
import { modals } from "@mantine/modals";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ApiError, api } from "~/api/client";
import type { IssuedToken, Role } from "~/api/schema";
import { Copy } from "~/components/Copy";
import { OtherFault } from "~/components/Credentials";
import { RoleChoice } from "./RoleChoice";

const NEVER = "never";

const ENDS = [
  { value: "7", label: "in a week" },
  { value: "30", label: "in 30 days" },
  { value: "90", label: "in 90 days" },
  { value: "365", label: "in a year" },
  { value: NEVER, label: "never" },
];

export function newToken(): void {
  const id = modals.open({
    title: "New API token",
    size: "lg",
    children: <NewToken close={() => modals.close(id)} />,
  });
}

function NewToken({ close }: { close: () => void }) {
  const queries = useQueryClient();
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("viewer");
  const [ends, setEnds] = useState("90");
  const days = role === "admin" && ends === NEVER ? "365" : ends;
  const create = useMutation({
    mutationFn: () =>
      api.POST("/api/v1/team/tokens", {
        body: { name, role, days: days === NEVER ? null : Number(days) },
      }),
    onSuccess: () => queries.invalidateQueries(),
  });
  if (create.data?.data) return <Issued issued={create.data.data} close={close} />;
  const fault = create.error instanceof ApiError ? create.error : null;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        create.mutate();
      }}
    >
      <Stack>
        <TextInput
          label="Name"
          description="Which program uses it, such as “nightly export”. Its changes appear under this name in the history."
          autoComplete="off"
          maxLength={100}
          value={name}
          error={fault?.field === "name" && fault.message}
          onChange={(event) => setName(event.currentTarget.value)}
          data-autofocus
        />
        <RoleChoice value={role} onChange={setRole} who="It" />
        <Select
          label="Expires"
          description="Admin tokens must expire."
          data={role === "admin" ? ENDS.filter(({ value }) => value !== NEVER) : ENDS}
          value={days}
          allowDeselect={false}
          onChange={(chosen) => setEnds(chosen ?? "90")}
          error={fault?.field === "days" && fault.message}
        />
        <OtherFault error={create.error} fields={["name", "days"]} />
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button type="submit" loading={create.isPending} disabled={!name.trim()}>
            Create token
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function Issued({ issued, close }: { issued: IssuedToken; close: () => void }) {
  return (
    <Stack>
      <Text>
        Your new token <b>{issued.token.name}</b>:
      </Text>
      <TextInput
        label="Token"
        value={issued.secret}
        readOnly
        ff="monospace"
        onFocus={(event) => event.currentTarget.select()}
        rightSection={<Copy value={issued.secret} what="token" />}
        data-autofocus
      />
      <Alert color="yellow">
        Copy it now: it is shown only once. Keep it where your program keeps its secrets. If it gets lost,
        revoke it and create a new one.
      </Alert>
      <Group justify="flex-end">
        <Button onClick={close}>Done</Button>
      </Group>
    </Stack>
  );
}
