/** What was asked of a destination and what it answered, secrets masked; or what would be asked. */

import { Accordion, Badge, Box, Code, Group, Stack, Table, Text } from "@mantine/core";
import { IconArrowDownLeft, IconArrowUpRight } from "@tabler/icons-react";
import { bytes, counted } from "~/format/format";
import { Json } from "./Json";

/** As the API has it: HTTP, records of Kafka, or statements of a database. */
export interface Request {
  method?: string;
  url?: string;
  headers?: Record<string, string>;
  body?: string;
  body_bytes?: number;
  [other: string]: unknown;
}

export interface Answer {
  status?: number;
  headers?: Record<string, string>;
  body?: string;
  body_bytes?: number;
  error?: string;
  reason?: string;
  message?: string;
  [other: string]: unknown;
}

export interface Spoken {
  request?: Request;
  answer?: Answer;
  /** So many were made before these. */
  left_out?: number;
}

export function Exchange({ spoken }: { spoken: readonly Spoken[] }) {
  return (
    <Stack gap="md">
      {spoken.map((each, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: what was said has its place, and no other identity
        <Stack gap="xs" key={index}>
          {each.left_out !== undefined && (
            <Text size="sm" c="dimmed">
              {each.left_out} earlier requests are not stored.
            </Text>
          )}
          {each.request && <RequestShown request={each.request} />}
          {each.answer && <AnswerShown answer={each.answer} />}
        </Stack>
      ))}
    </Stack>
  );
}

export function RequestShown({ request }: { request: Request }) {
  const { method, url, headers, body, body_bytes, ...others } = request;
  return (
    <Box>
      <Group gap="xs" mb={6} wrap="nowrap" align="flex-start">
        <IconArrowUpRight size={18} aria-hidden style={{ flex: "none", marginTop: 2 }} />
        <Text size="sm" fw={600} style={{ overflowWrap: "anywhere" }}>
          <Text span inherit className="visually-hidden">
            Request:{" "}
          </Text>
          {method ?? "Request"} {url && <Code>{url}</Code>}
        </Text>
      </Group>
      <Headers headers={headers} />
      {body !== undefined && <Body text={body} size={body_bytes} label="Request body" />}
      {Object.keys(others).length > 0 && <Json value={others} label="Request" />}
    </Box>
  );
}

function AnswerShown({ answer }: { answer: Answer }) {
  const { status, headers, body, body_bytes, ...others } = answer;
  const isGood = status !== undefined && status < 300;
  return (
    <Box>
      <Group gap="xs" mb={6}>
        <IconArrowDownLeft size={18} aria-hidden />
        {status !== undefined ? (
          <>
            <Text size="sm" fw={600}>
              Response
            </Text>
            <Badge color={isGood ? "green" : "red"}>{status}</Badge>
          </>
        ) : (
          <Badge color="gray">{typeof others.reason === "string" ? others.reason : "No response"}</Badge>
        )}
        {typeof others.message === "string" && <Text size="sm">{others.message}</Text>}
      </Group>
      <Headers headers={headers} />
      {body && <Body text={body} size={body_bytes} label="Response body" />}
      {status === undefined && <Json value={others} label="Response" />}
    </Box>
  );
}

function Headers({ headers }: { headers: Record<string, string> | undefined }) {
  const lines = Object.entries(headers ?? {});
  if (lines.length === 0) return null;
  return (
    <Accordion variant="default" chevronPosition="left" mb={6} styles={{ control: { paddingLeft: 0 } }}>
      <Accordion.Item value="headers" bd={0}>
        <Accordion.Control py={0}>
          <Text size="sm">{counted(lines.length, "header")}</Text>
        </Accordion.Control>
        <Accordion.Panel>
          <Table verticalSpacing={4} highlightOnHover={false} style={{ overflowWrap: "anywhere" }}>
            <Table.Tbody>
              {lines.map(([name, value]) => (
                <Table.Tr key={name}>
                  <Table.Th fw={500} w="40%">
                    {name}
                  </Table.Th>
                  <Table.Td>{value}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Accordion.Panel>
      </Accordion.Item>
    </Accordion>
  );
}

function Body({ text, size, label }: { text: string; size: number | undefined; label: string }) {
  return (
    <>
      <Json value={indented(text)} label={label} />
      {size !== undefined && size > text.length && (
        <Text size="xs" c="dimmed">
          Showing the first {bytes(text.length)} of {bytes(size)}.
        </Text>
      )}
    </>
  );
}

function indented(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
