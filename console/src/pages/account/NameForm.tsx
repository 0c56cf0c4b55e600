/** Another name for oneself. */

import { Button, Group } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "~/api/client";
import { OtherFault, YourName } from "~/components/Credentials";

export function NameForm({ name }: { name: string }) {
  const queries = useQueryClient();
  const [written, setWritten] = useState(name);
  const change = useMutation({
    mutationFn: () => api.PUT("/api/v1/session/name", { body: { name: written.trim() } }),
    onSuccess: async () => {
      await queries.invalidateQueries(); // the name stands in the header, too
      notifications.show({ message: "Your name has been changed.", color: "green" });
    },
  });
  const isChanged = written.trim() !== name && written.trim() !== "";
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (isChanged) change.mutate();
      }}
    >
      <Group align="flex-end" gap="sm">
        <YourName value={written} onChange={setWritten} error={change.error} flex="1 1 14rem" />
        <Button type="submit" variant="default" loading={change.isPending} disabled={!isChanged}>
          Save name
        </Button>
      </Group>
      <OtherFault error={change.error} fields={["name"]} />
    </form>
  );
}
