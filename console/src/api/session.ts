/** Who is signed in, and what they may do. The API decides; the console only says so before one tries. */

import { queryOptions, useQuery } from "@tanstack/react-query";
import { api, setCsrfToken } from "./client";
import type { Me, Role } from "./schema";

const RANK: Record<Role, number> = { viewer: 0, editor: 1, admin: 2 };

export const sessionOptions = queryOptions({
  queryKey: ["session"],
  queryFn: async (): Promise<Me> => {
    const { data } = await api.GET("/api/v1/session");
    if (!data) throw new Error("an answer without a session");
    setCsrfToken(data.csrf_token);
    return data;
  },
  staleTime: 60_000,
});

/** Only below the shell, which is shown when somebody is signed in. */
export function useSession(): Me {
  const { data } = useQuery(sessionOptions);
  if (!data) throw new Error("there is no session: this component is outside of the shell");
  return data;
}

/** Whether who is signed in may do what this role may. */
export function useMay(role: Role): boolean {
  return RANK[useSession().role] >= RANK[role];
}
