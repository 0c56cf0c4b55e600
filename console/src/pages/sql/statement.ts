/** A statement that runs: begun, stopped, what it found. */

import { useMutation } from "@tanstack/react-query";
import { useRef } from "react";
import { api } from "~/api/client";
import type { Rows } from "~/api/schema";

export type SqlColumn = Rows["columns"][number];

export interface Found extends Rows {
  /** The statement. */
  sql: string;
  tookMs: number;
}

export function useStatement() {
  const running = useRef("");
  const run = useMutation({
    mutationFn: async (sql: string): Promise<Found> => {
      const id = freshId();
      running.current = id;
      const began = performance.now();
      const { data } = await api.POST("/api/v1/sql", { body: { sql, id, limit: ROWS_MAX } });
      return { ...(data as Rows), sql, tookMs: performance.now() - began };
    },
  });
  const stop = () =>
    // It may have ended in the meantime, which is what was wanted.
    api
      .DELETE("/api/v1/sql/{statement_id}", { params: { path: { statement_id: running.current } } })
      .catch(() => null);
  return { ...run, stop };
}

/** More is what the file of `headwater sql --format csv` is for. */
export const ROWS_MAX = 10_000;

/** `crypto.randomUUID` is there over HTTPS only. */
function freshId(): string {
  return [...crypto.getRandomValues(new Uint32Array(4))].map((part) => part.toString(36)).join("-");
}
