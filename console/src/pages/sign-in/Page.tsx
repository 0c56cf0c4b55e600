import { Button, PasswordInput, Stack, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, useRouter } from "@tanstack/react-router";
import { useState } from "react";
import { api } from "~/api/client";
import { sessionOptions } from "~/api/session";
import { Door } from "~/components/Door";
import { Failed } from "~/components/states";

const route = getRouteApi("/sign-in");

export default function Page() {
  const { next } = route.useSearch();
  const router = useRouter();
  const queries = useQueryClient();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const signIn = useMutation({
    mutationFn: () => api.POST("/api/v1/session", { body: { email, password } }),
    onSuccess: async () => {
      await queries.resetQueries({ queryKey: sessionOptions.queryKey });
      router.history.push(next?.startsWith("/") && !next.startsWith("//") ? next : "/");
    },
  });
  return (
    <Door title="Sign in" about="With the e-mail address and the password that you have here.">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          signIn.mutate();
        }}
      >
        <Stack>
          <TextInput
            label="E-mail"
            type="email"
            autoComplete="username"
            value={email}
            onChange={(event) => setEmail(event.currentTarget.value)}
            autoFocus
          />
          <PasswordInput
            label="Password"
            autoComplete="current-password"
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
          {signIn.error && <Failed error={signIn.error} />}
          <Button type="submit" loading={signIn.isPending} disabled={!email || !password}>
            Sign in
          </Button>
        </Stack>
      </form>
    </Door>
  );
}
