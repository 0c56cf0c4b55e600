/** What a page shows when it has nothing to show: yet, at all, because of an error, or because one may not see it. */

import {
  Alert,
  Button,
  Center,
  Group,
  List,
  Paper,
  Skeleton,
  Stack,
  Text,
  ThemeIcon,
  Title,
} from "@mantine/core";
import { IconAlertTriangle, IconLock, IconRefresh } from "@tabler/icons-react";
import type { UseQueryResult } from "@tanstack/react-query";
import type { ComponentType, ReactNode } from "react";
import { ApiError, type Problem } from "~/api/client";

type Icon = ComponentType<{ size?: number | string; stroke?: number | string }>;

/** Lines where text will be. */
export function Loading({ lines = 6 }: { lines?: number }) {
  return (
    <Stack gap="sm" role="status" aria-label="Loading">
      {Array.from({ length: lines }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the lines have no identity
        <Skeleton key={index} height={18} width={`${92 - ((index * 17) % 40)}%`} />
      ))}
    </Stack>
  );
}

interface EmptyProps {
  icon: Icon;
  title: string;
  children?: ReactNode;
  /** What to do about it: a button or two. */
  action?: ReactNode;
}

/** There is nothing: what this place is for, and what to do. */
export function Empty({ icon: Icon, title, children, action }: EmptyProps) {
  return (
    <Paper p="xl">
      <Center>
        <Stack align="center" gap="xs" maw="32rem" ta="center" py="xl">
          <ThemeIcon size={56} radius="xl" variant="light" aria-hidden>
            <Icon size={28} stroke={1.6} />
          </ThemeIcon>
          <Title order={2} size="h4" mt="xs">
            {title}
          </Title>
          {children && (
            <Text c="dimmed" component="div">
              {children}
            </Text>
          )}
          {action && <Group mt="sm">{action}</Group>}
        </Stack>
      </Center>
    </Paper>
  );
}

/** Something failed: what, where in the input, and how to try again. */
export function Failed({ error, retry }: { error: unknown; retry?: () => void }) {
  if (error instanceof ApiError && error.status === 403) return <NoPermission>{error.message}</NoPermission>;
  const known = error instanceof ApiError ? error : null;
  return (
    <Alert
      color="red"
      icon={<IconAlertTriangle />}
      title={known ? titleOf(known) : "Something went wrong"}
      role="alert"
    >
      {known && known.problems.length > 0 ? (
        <Problems problems={known.problems} />
      ) : (
        <Text size="sm">{error instanceof Error ? error.message : String(error)}</Text>
      )}
      {retry && (
        <Button mt="sm" size="xs" variant="default" leftSection={<IconRefresh size={14} />} onClick={retry}>
          Try again
        </Button>
      )}
    </Alert>
  );
}

/** Mistakes, each with its place. */
export function Problems({ problems }: { problems: Problem[] }) {
  return (
    <List size="sm" mt="xs" spacing={4}>
      {problems.map((problem) => (
        <List.Item key={`${problem.path}: ${problem.message}`}>
          {problem.path && <code>{problem.path}</code>} {problem.message}
        </List.Item>
      ))}
    </List>
  );
}

export function NoPermission({ children }: { children?: ReactNode }) {
  return (
    <Empty icon={IconLock} title="You don’t have access to this">
      {children ?? "Ask an admin of your team to change your role."}
    </Empty>
  );
}

interface LoadedProps<Data> {
  query: Pick<UseQueryResult<Data, unknown>, "data" | "error" | "isPending" | "refetch">;
  /** Shown while loading; default: lines. */
  loading?: ReactNode;
  children: (data: Data) => ReactNode;
}

/** What a query has found; or that it is still looking, or why it failed. What was found before stays visible. */
export function Loaded<Data>({ query, loading, children }: LoadedProps<Data>) {
  if (query.data !== undefined) return <>{children(query.data)}</>;
  if (query.isPending) return <>{loading ?? <Loading />}</>;
  return <Failed error={query.error} retry={() => void query.refetch()} />;
}

function titleOf(error: ApiError): string {
  if (error.status === 0) return "Headwater is not responding";
  if (error.status === 404) return "Not found";
  if (error.status === 503) return "Headwater is busy";
  if (error.status >= 500) return "Something went wrong on our side";
  return "This could not be done";
}
