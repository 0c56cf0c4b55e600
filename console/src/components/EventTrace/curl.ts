/** An event as a command that sends it again. */

/** The members that the platform fills in itself: sent again, they would be of another time. */
const OURS = new Set(["receivedAt", "timestamp", "projectId", "channel", "version", "writeKey", "_metadata"]);

const CALLS = new Set(["identify", "track", "page", "screen", "group", "alias"]);

/** `writeKey` empty or masked: a place to put it stands there instead. */
export function asCurl(event: unknown, { url, writeKey }: { url: string; writeKey: string }): string {
  const body =
    event && typeof event === "object" && !Array.isArray(event) ? (event as Record<string, unknown>) : {};
  const call = typeof body.type === "string" && CALLS.has(body.type) ? body.type : "track";
  const sent = Object.fromEntries(
    Object.entries(body).filter(([name, value]) => !OURS.has(name) && name !== "type" && !isEmpty(value)),
  );
  const key = writeKey && !writeKey.includes("•") ? writeKey : "$WRITE_KEY";
  return [
    `curl ${quoted(`${url || "$HEADWATER_URL"}/v1/${call}`)} \\`,
    `  -u ${key.startsWith("$") ? `"${key}:"` : quoted(`${key}:`)} \\`,
    `  -H 'Content-Type: application/json' \\`,
    `  -d ${quoted(JSON.stringify(sent, null, 2))}`,
  ].join("\n");
}

/** For a shell: in single quotes, unless a variable is to be filled in. */
function quoted(text: string): string {
  if (text.startsWith("$")) return `"${text}"`;
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function isEmpty(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}
