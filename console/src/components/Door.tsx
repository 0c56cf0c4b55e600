/** The frame of the pages that are shown to somebody who is not signed in: one card in the middle. */

import { Center, Group, Paper, Stack, Text, Title } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import type { ReactNode } from "react";
import { Logo } from "~/shell/Logo";

export function Door({ title, about, children }: { title: string; about: ReactNode; children: ReactNode }) {
  useDocumentTitle(`${title} · Headwater`);
  return (
    <Center component="main" mih="100vh" p="md">
      <Stack w="100%" maw={420} gap="lg">
        <Group justify="center" gap="sm">
          <Logo size={36} />
          <Text fw={700} fz="xl">
            Headwater
          </Text>
        </Group>
        <Paper p="xl" shadow="sm">
          <Title order={1} size="h3">
            {title}
          </Title>
          <Text c="dimmed" mt={4} mb="lg" component="div">
            {about}
          </Text>
          {children}
        </Paper>
      </Stack>
    </Center>
  );
}
