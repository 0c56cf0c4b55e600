/** The private API, typed by its OpenAPI document. Every answer that is not a success is an ApiError. */

import createFetchClient, { type Middleware } from "openapi-fetch";
import createQueryClient from "openapi-react-query";
import type { paths } from "./schema";

/** One mistake in something that was to be saved; `path` is relative to it, as in `settings.url`. */
export interface Problem {
  line?: number | null;
  path: string;
  message: string;
}

export class ApiError extends Error {
  override name = "ApiError";

  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly field: string | undefined,
    readonly problems: Problem[],
    /** When the next try makes sense, if the answer says so. */
    readonly retryAfterS?: number,
  ) {
    super(message);
  }
}

/** Of the session; sent with everything that changes something. The session query keeps it current. */
let csrfToken = "";

export function setCsrfToken(token: string): void {
  csrfToken = token;
}

/** Headers for requests that are not made by the client below. */
export function csrfHeaders(): Record<string, string> {
  return { "X-CSRF-Token": csrfToken };
}

const middleware: Middleware = {
  onRequest({ request }) {
    if (request.method !== "GET") request.headers.set("X-CSRF-Token", csrfToken);
    return request;
  },
  async onResponse({ response }) {
    if (!response.ok) throw await asError(response);
    return response;
  },
  onError() {
    return new ApiError(
      0,
      "unreachable",
      "It may be restarting, or your network may be down. Check that `headwater up` is running.",
      undefined,
      [],
    );
  },
};

/** What an answer that is no success says. */
export async function asError(response: Response): Promise<ApiError> {
  const body: unknown = await response.json().catch(() => null);
  const said = (body as { error?: Partial<ApiError> } | null)?.error;
  const message = said?.message ?? `${response.status} ${response.statusText}`;
  const retryAfterS = Number(response.headers.get("Retry-After")) || undefined;
  const { code = "unknown", field, problems = [] } = said ?? {};
  return new ApiError(response.status, code, message, field, problems, retryAfterS);
}

export const api = createFetchClient<paths>({ baseUrl: "/", credentials: "same-origin" });
api.use(middleware);

/** The same as hooks: `$api.useQuery("get", "/api/v1/sources")`. */
export const $api = createQueryClient(api);
