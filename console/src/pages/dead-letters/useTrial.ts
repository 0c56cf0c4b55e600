/** What would become of a letter if it were tried again now. */

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { ApiError, api } from "~/api/client";
import type { LetterTrial } from "~/api/schema";

interface Trial {
  data: LetterTrial | undefined;
  /** Why the edited text is no event; undefined when it is. */
  mistake: string | undefined;
}

/** `edited` null: as it was sent. */
export function useTrial(id: string, edited: string | null, isEnabled: boolean): Trial {
  const { data, error, isPlaceholderData } = useQuery({
    queryKey: ["dead letter trial", id, edited],
    enabled: isEnabled,
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }): Promise<LetterTrial> => {
      const answer = await api.POST("/api/v1/dead-letters/{dead_letter_id}/trial", {
        params: { path: { dead_letter_id: id } },
        signal,
        ...(edited === null ? {} : { body: {}, bodySerializer: () => edited }),
      });
      return answer.data as LetterTrial;
    },
  });
  const mistake =
    edited !== null && error instanceof ApiError && error.status === 400 ? error.message : undefined;
  return { data: isPlaceholderData || error ? undefined : data, mistake };
}
