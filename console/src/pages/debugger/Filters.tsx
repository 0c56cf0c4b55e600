/** Which events are shown. Everything is in the address; the expression goes there once it is one. */

import { Select } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { useEffect, useState } from "react";
import { $api } from "~/api/client";
import { FqlEditor } from "~/components/FqlEditor";
import classes from "./Debugger.module.css";
import { CALLS, type DebuggerSearch, OUTCOMES } from "./routes";

const AFTER_MS = 400;

const OUTCOME_LABELS = { all: "All outcomes", accepted: "Accepted", dropped: "Rejected" } as const;

interface Props {
  asked: DebuggerSearch;
  onAsk: (asked: Partial<DebuggerSearch>) => void;
}

export function Filters({ asked, onAsk }: Props) {
  const [written, setWritten] = useState(asked.filter ?? "");
  const [isValid, setValid] = useState(true);
  const sources = $api.useQuery("get", "/api/v1/sources", { params: { query: { limit: 1000 } } });
  const ask = useDebouncedCallback((filter: string) => onAsk({ filter: filter || undefined }), AFTER_MS);

  // The address may change by other ways: a link, the browser's buttons.
  useEffect(() => setWritten(asked.filter ?? ""), [asked.filter]);
  useEffect(() => {
    if (isValid && written.trim() !== (asked.filter ?? "")) ask(written.trim());
  }, [isValid, written, asked.filter, ask]);

  return (
    <div className={classes.filters}>
      <FqlEditor
        label="Filter"
        value={written}
        onChange={setWritten}
        onValid={setValid}
        source={asked.source}
        placeholder='event = "Order Completed" and properties.total > 50'
      />
      <Select
        label="Source"
        placeholder="All sources"
        clearable
        searchable
        data={sources.data?.data.map((source) => source.name) ?? []}
        value={asked.source ?? null}
        onChange={(source) => onAsk({ source: source ?? undefined })}
      />
      <Select
        label="Call"
        placeholder="All calls"
        clearable
        data={[...CALLS]}
        value={asked.type ?? null}
        onChange={(type) => onAsk({ type: (type ?? undefined) as DebuggerSearch["type"] })}
      />
      <Select
        label="Outcome"
        allowDeselect={false}
        data={OUTCOMES.map((value) => ({ value, label: OUTCOME_LABELS[value] }))}
        value={asked.outcome ?? "all"}
        onChange={(outcome) =>
          onAsk({ outcome: outcome === "all" ? undefined : (outcome as DebuggerSearch["outcome"]) })
        }
      />
    </div>
  );
}
