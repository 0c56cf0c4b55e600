/** Whose events a destination gets: of all sources, of some, of none. */

import { MultiSelect, Paper, Radio, Stack, Title } from "@mantine/core";
import { $api } from "~/api/client";

interface Props {
  sources: string[] | null;
  onChange: (sources: string[] | null) => void;
  mistake?: string | undefined;
  readOnly?: boolean;
}

export function SourcesChoice({ sources, onChange, mistake, readOnly = false }: Props) {
  const known = $api.useQuery("get", "/api/v1/sources", { params: { query: { limit: 1000 } } });
  return (
    <Paper p="lg">
      <Radio.Group
        label={
          <Title order={2} size="h4" mb="xs">
            Sources
          </Title>
        }
        value={sources === null ? "all" : "some"}
        onChange={(chosen) => onChange(chosen === "all" ? null : [])}
        readOnly={readOnly}
      >
        <Stack gap="xs">
          <Radio value="all" label="All sources, including those added later" disabled={readOnly} />
          <Radio
            value="some"
            label="Selected sources"
            description="With none selected, it still receives synced traits and audiences, and replays."
            disabled={readOnly}
          />
        </Stack>
      </Radio.Group>
      {sources !== null && (
        <MultiSelect
          mt="sm"
          aria-label="Selected sources"
          placeholder={sources.length ? undefined : "Choose sources"}
          searchable
          clearable
          data={known.data?.data.map((each) => each.name) ?? []}
          value={sources}
          onChange={onChange}
          error={mistake}
          readOnly={readOnly}
        />
      )}
    </Paper>
  );
}
