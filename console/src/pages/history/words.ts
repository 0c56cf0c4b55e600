/** What the audit log calls by the names of operations, as sentences; and which operations belong together. */

import type { AuditLine } from "~/api/schema";
import type { KINDS } from "./routes";

type Kind = (typeof KINDS)[number];

export const KIND_WORDS: Record<Kind, string> = {
  workspace: "Changes of the workspace",
  data: "Replays, dead letters, people",
  team: "The team",
  entering: "Signing in and out",
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
    "change_password",
    "end_session",
    "end_other_sessions",
  ],
};

const SENTENCES: Record<string, string> = {
  workspace_applied: "Applied a workspace file",
  put_workspace: "Applied a workspace file",
  roll_back: "Took the workspace back",
  set_up: "Became the first admin",
  sign_in: "Signed in",
  sign_in_failed: "Failed to sign in",
  sign_out: "Signed out",
  accept_invitation: "Chose a password with a link",
  change_password: "Changed the password",
  end_session: "Ended a session of their own",
  end_other_sessions: "Signed out everywhere else",
  invite_teammate: "Invited somebody",
  change_teammate: "Changed a teammate",
  remove_teammate: "Removed a teammate",
  reset_teammate_password: "Made a link for a new password",
  create_team_token: "Made an API token",
  revoke_team_token: "Revoked an API token",
  create_replay: "Began a replay",
  decide_replay: "Decided about a replay",
  replay_dead_letter: "Tried a dead letter again",
  replay_dead_letters: "Tried dead letters again",
  discard_dead_letter: "Discarded a dead letter",
  discard_dead_letters: "Discarded dead letters",
  create_regulation: "Made a privacy request",
  unmerge_profile: "Put two merged profiles apart",
  release_identity: "Let an identity out of quarantine",
  check_connection: "Tested a connection",
  confirm_enabling: "Connected the destination of a partner",
};

const VERBS: Record<string, string> = {
  put: "Changed",
  delete: "Deleted",
  create: "Made",
  renew: "Renewed",
  regenerate: "Renewed",
  order: "Put in order:",
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
  if (note === "--workspace") return "Workspace file of the start (headwater up --workspace)";
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
  command: "on the machine itself",
};
