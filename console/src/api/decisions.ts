/** What people decide about identities is carried out by the pipeline, in its turn: this waits for it. */

import { api } from "./client";
import type { DecisionProgress } from "./schema";

const PAUSE_MS = 400;
const PATIENCE_MS = 60_000;

/** Until the pipeline has come to a decision; "waiting" when it has not within a minute. */
export async function carriedOut(offset: number): Promise<DecisionProgress["status"]> {
  const until = Date.now() + PATIENCE_MS;
  for (;;) {
    const { data } = await api.GET("/api/v1/identities/decisions/{offset}", { params: { path: { offset } } });
    const status = (data as DecisionProgress).status;
    if (status !== "waiting" || Date.now() > until) return status;
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}
