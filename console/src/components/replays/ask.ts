/** Replays, counted and begun. */

import { api } from "~/api/client";
import type { NewReplay, ReplayCount, ReplayLine } from "~/api/schema";

/** What is left out does not matter. */
export type Wish = Partial<Omit<NewReplay, "dry_run">>;

export async function count(wish: Wish, signal?: AbortSignal): Promise<ReplayCount> {
  const params = { query: { dry_run: true } };
  const { data } = await api.POST("/api/v1/replays", { params, body: bodyOf(wish, true), signal });
  return data as ReplayCount;
}

export async function begin(wish: Wish): Promise<ReplayLine> {
  const { data } = await api.POST("/api/v1/replays", { body: bodyOf(wish, false) });
  return data as ReplayLine;
}

/** The document says that every field is there, because each has a default. */
function bodyOf(wish: Wish, dry_run: boolean): NewReplay {
  return { ...wish, dry_run } as NewReplay;
}
