/**
 * The token of a link such as `/setup#token=…`. Browsers send what is behind the # to nobody; once it is read it goes
 * out of the address as well, so that it is not in a bookmark, a screenshot or the history.
 */
export function takeLinkToken(): string {
  const token = new URLSearchParams(window.location.hash.slice(1)).get("token") ?? "";
  if (token) window.history.replaceState(window.history.state, "", window.location.pathname);
  return token;
}
