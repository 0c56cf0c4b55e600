/** What the audit log calls by the names of operations, as sentences; and which operations belong together. */

import type { AuditLine } from "~/api/schema";
import type { KINDS } from "./routes";

type Kind = (typeof KINDS)[number];

export const KIND_WORDS: Record<Kind, string> = {
  workspace: "Workspace changes",
  data: "Replays, dead letters, profiles",
  team: "Team",
  entering: "Sign-ins and accounts",
};

/** Of the kinds that are no versions of the workspace. */
export const OPERATIONS: Record<Exclude<Kind, "workspace">, string[]> = {
  data: [
    "create_replay",
    "decide_replay",
    "replay_dead_letter",
    "replay_dead_letters",
    "discard_dead_letter",
    "discard_dead_letters",
    "create_regulation",
    "unmerge_profile",
    "release_identity",
    "check_connection",
  ],
  team: [
    "invite_teammate",
    "change_teammate",
    "remove_teammate",
    "reset_teammate_password",
    "create_team_token",
    "revoke_team_token",
  ],
  entering: [
    "set_up",
    "sign_in",
    "sign_in_failed",
    "sign_out",
    "accept_invitation",
    "change_name",
    "change_password",
    "end_session",
    "end_other_sessions",
  ],
};

const SENTENCES: Record<string, string> = {
  workspace_applied: "Applied a workspace file",
  put_workspace: "Applied a workspace file",
  roll_back: "Restored an earlier version",
  set_up: "Created the first admin account",
  sign_in: "Signed in",
  sign_in_failed: "Failed sign-in",
  sign_out: "Signed out",
  accept_invitation: "Set a password with a link",
  change_name: "Changed their name",
  change_password: "Changed their password",
  end_session: "Ended one of their sessions",
  end_other_sessions: "Signed out everywhere else",
  invite_teammate: "Invited a teammate",
  change_teammate: "Edited a teammate",
  remove_teammate: "Removed a teammate",
  reset_teammate_password: "Created a password reset link",
  create_team_token: "Created an API token",
  revoke_team_token: "Revoked an API token",
  create_replay: "Started a replay",
  decide_replay: "Changed a replay",
  replay_dead_letter: "Replayed a dead letter",
  replay_dead_letters: "Replayed dead letters",
  discard_dead_letter: "Discarded a dead letter",
  discard_dead_letters: "Discarded dead letters",
  create_regulation: "Created a privacy request",
  unmerge_profile: "Unmerged two profiles",
  release_identity: "Released an identity from quarantine",
  check_connection: "Tested a connection",
  confirm_enabling: "Connected a partner destination",
};

const VERBS: Record<string, string> = {
  put: "Changed",
  delete: "Deleted",
  create: "Created",
  renew: "Renewed",
  regenerate: "Renewed",
  order: "Reordered",
  change: "Changed",
  end: "Ended",
};

/** What was done. An operation without a sentence of its own is read: `put_source` is "Changed source". */
export function didWhat(line: Pick<AuditLine, "operation">): string {
  const known = SENTENCES[line.operation];
  if (known) return known;
  const [verb = "", ...rest] = line.operation.split("_");
  return `${VERBS[verb] ?? sentence(verb)} ${rest.join(" ")}`.trim();
}

/** Why a version was made, as a sentence. */
export function noteOf({ note }: { note: string }): string {
  if (!note) return "Workspace file applied";
  if (note === "--workspace") return "Workspace file loaded at startup";
  return sentence(note);
}

/** What the API says as a part of a line, alone. */
export function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** By which means, where it is worth saying. */
export const MEANS: Record<NonNullable<AuditLine["means"]>, string> = {
  session: "in the console",
  token: "with an API token",
  "admin token": "with the admin token",
  command: "on the server",
};
