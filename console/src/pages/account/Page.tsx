/** Oneself: name and role, the password, where one is signed in. */

import { Anchor, Badge, Group, Paper, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { Me } from "~/api/schema";
import { useSession } from "~/api/session";
import { Initials } from "~/components/Initials";
import { PageHeader } from "~/components/PageHeader";
import { ROLES } from "~/components/roles";
import { NameForm } from "./NameForm";
import { PasswordForm } from "./PasswordForm";
import { Sessions } from "./Sessions";

export default function Page() {
  const me = useSession();
  return (
    <>
      <PageHeader title="Your account" description="Your name, your password, and where you are signed in." />
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg" style={{ alignItems: "start" }}>
        <Stack gap="lg">
          <Who me={me} />
          <PasswordForm email={me.email} />
        </Stack>
        <Sessions />
      </SimpleGrid>
    </>
  );
}

function Who({ me }: { me: Me }) {
  const { label, can, color } = ROLES[me.role];
  return (
    <Paper p="md" component="section" aria-labelledby="who">
      <Group wrap="nowrap" align="flex-start" mb="md">
        <Initials name={me.name} size="lg" />
        <div style={{ minWidth: 0 }}>
          <Group gap="xs">
            <Title order={2} size="h4" id="who" style={{ overflowWrap: "anywhere" }}>
              {me.name}
            </Title>
            <Badge color={color}>{label}</Badge>
          </Group>
          <Text c="dimmed" size="sm" style={{ overflowWrap: "anywhere" }}>
            {me.email}
          </Text>
          <Text size="sm" mt="xs">
            You can {can}.{" "}
            {me.role === "admin" ? (
              <Anchor inherit renderRoot={(props) => <Link to="/team" {...props} />}>
                Manage roles on the Team page
              </Anchor>
            ) : (
              "An admin of your team can change your role."
            )}
          </Text>
        </div>
      </Group>
      {me.session ? (
        <NameForm key={me.name} name={me.name} />
      ) : (
        <Text size="sm" c="dimmed">
          You are using a token, so there is no name or password to change.
        </Text>
      )}
    </Paper>
  );
}
