import { Button, PasswordInput, Stack, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { useState } from "react";
import { api } from "~/api/client";
import { sessionOptions } from "~/api/session";
import { Door } from "~/components/Door";
import { Failed } from "~/components/states";

/** The link that `headwater up` prints has the token behind the #, which browsers send to nobody. */
const LINKED = new URLSearchParams(window.location.hash.slice(1)).get("token") ?? "";

export default function Page() {
  const router = useRouter();
  const queries = useQueryClient();
  const [token, setToken] = useState(LINKED);
  const [name, setName] = useState("");
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const setUp = useMutation({
    mutationFn: () =>
      api.POST("/api/v1/setup", {
        body: { name, email, password },
        headers: { Authorization: `Bearer ${token.trim()}` },
      }),
    onSuccess: async () => {
      await queries.resetQueries({ queryKey: sessionOptions.queryKey });
      router.history.push("/");
    },
  });
  return (
    <Door title="Welcome to Headwater" about="You are the first one here: make yourself its admin.">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          setUp.mutate();
        }}
      >
        <Stack>
          {!LINKED && (
            <PasswordInput
              label="Admin token"
              description="It is in the file admin-token of the data folder."
              autoComplete="off"
              value={token}
              onChange={(event) => setToken(event.currentTarget.value)}
            />
          )}
          <TextInput
            label="Your name"
            autoComplete="name"
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            autoFocus
          />
          <TextInput
            label="E-mail"
            type="email"
            autoComplete="username"
            value={email}
            onChange={(event) => setEmail(event.currentTarget.value)}
          />
          <PasswordInput
            label="Password"
            autoComplete="new-password"
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
          {setUp.error && <Failed error={setUp.error} />}
          <Button type="submit" loading={setUp.isPending} disabled={!token || !email || !password}>
            Create the first admin
          </Button>
        </Stack>
      </form>
    </Door>
  );
}
