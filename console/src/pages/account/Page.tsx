/** Oneself: who one is here, the password, where one is signed in. */

import { Anchor, Badge, Group, Paper, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { Me } from "~/api/schema";
import { useSession } from "~/api/session";
import { Initials } from "~/components/Initials";
import { PageHeader } from "~/components/PageHeader";
import { ROLES } from "~/components/roles";
import { PasswordForm } from "./PasswordForm";
import { Sessions } from "./Sessions";

export default function Page() {
  const me = useSession();
  return (
    <>
      <PageHeader title="Your account" description="Your password, and where you are signed in." />
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
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
  const { label, may, color } = ROLES[me.role];
  return (
    <Paper p="md" component="section" aria-labelledby="who">
      <Group wrap="nowrap" align="flex-start">
        <Initials name={me.name} size="lg" />
        <div style={{ minWidth: 0 }}>
          <Group gap="xs">
            <Title order={2} size="h4" id="who">
              {me.name}
            </Title>
            <Badge color={color}>{label}</Badge>
          </Group>
          <Text c="dimmed" style={{ overflowWrap: "anywhere" }}>
            {me.email}
          </Text>
          <Text size="sm" mt="xs">
            You may {may}.{" "}
            {me.role === "admin" ? (
              <Anchor inherit renderRoot={(props) => <Link to="/team" {...props} />}>
                Your name and role are on the page Team.
              </Anchor>
            ) : (
              "An admin of your team can change your name and role."
            )}
          </Text>
        </div>
      </Group>
    </Paper>
  );
}
