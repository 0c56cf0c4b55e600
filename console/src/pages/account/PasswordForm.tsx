/** Another password for oneself. */

import { Button, Group, Paper, PasswordInput, Stack, Text, Title } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ApiError, api } from "~/api/client";
import { NewPassword, OtherFault } from "~/components/Credentials";

export function PasswordForm({ email }: { email: string }) {
  const queries = useQueryClient();
  const [current, setCurrent] = useState("");
  const [chosen, setChosen] = useState("");
  const change = useMutation({
    mutationFn: () => api.PUT("/api/v1/session/password", { body: { current, new: chosen } }),
    onSuccess: async () => {
      setCurrent("");
      setChosen("");
      await queries.invalidateQueries(); // the session is a new one, with a token of its own
      notifications.show({
        message: "Your password has been changed, and you are signed out everywhere else.",
        color: "green",
      });
    },
  });
  const isWrong = change.error instanceof ApiError && change.error.code === "wrong_password";
  return (
    <Paper p="md" component="section" aria-labelledby="password">
      <Title order={2} size="h4" id="password">
        Password
      </Title>
      <Text c="dimmed" size="sm" mt={4} mb="md">
        Changing your password signs you out everywhere else.
      </Text>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          change.mutate();
        }}
      >
        <Stack>
          {/* For password managers; nobody sees it. */}
          <input type="email" autoComplete="username" value={email} readOnly hidden aria-hidden />
          <PasswordInput
            label="Current password"
            autoComplete="current-password"
            value={current}
            error={isWrong && "This is not your current password."}
            onChange={(event) => setCurrent(event.currentTarget.value)}
          />
          <NewPassword label="New password" value={chosen} onChange={setChosen} error={change.error} />
          {!isWrong && <OtherFault error={change.error} fields={["password"]} />}
          <Group justify="flex-end">
            <Button type="submit" loading={change.isPending} disabled={!current || !chosen}>
              Change password
            </Button>
          </Group>
        </Stack>
      </form>
    </Paper>
  );
}
