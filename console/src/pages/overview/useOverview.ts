/** The overview as it goes on: asked for every two seconds while the page is seen. */

import { useEffect, useState } from "react";
import { $api } from "~/api/client";
import { type Moment, withMoment } from "./moments";

const EVERY_MS = 2_000;

let remembered: readonly Moment[] = [];

export function useOverview() {
  const query = $api.useQuery("get", "/api/v1/overview", undefined, {
    refetchInterval: EVERY_MS,
    staleTime: EVERY_MS,
  });
  const [moments, setMoments] = useState(remembered);
  const { data } = query;
  useEffect(() => {
    if (!data) return;
    remembered = withMoment(remembered, data);
    setMoments(remembered);
  }, [data]);
  return { query, moments };
}
