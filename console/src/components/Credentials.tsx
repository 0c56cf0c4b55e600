/** Fields of forms with which one gets in; each says itself what the API has found wrong with it. */

import { PasswordInput, TextInput, type TextInputProps } from "@mantine/core";
import { ApiError } from "~/api/client";
import { Failed } from "./states";

interface Field {
  value: string;
  onChange: (value: string) => void;
  /** Of the last try. */
  error?: unknown;
}

interface NewPasswordProps extends Field {
  label?: string;
}

/** A password that is chosen. */
export function NewPassword({ value, onChange, error, label = "Password" }: NewPasswordProps) {
  return (
    <PasswordInput
      label={label}
      description="At least 10 characters. A few random words are strong and easy to remember."
      autoComplete="new-password"
      value={value}
      error={faultOf(error, "password")}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}

export function Email({ value, onChange, error, ...more }: Field & Omit<TextInputProps, keyof Field>) {
  return (
    <TextInput
      label="Email"
      type="email"
      autoComplete="username"
      value={value}
      error={faultOf(error, "email")}
      onChange={(event) => onChange(event.currentTarget.value)}
      {...more}
    />
  );
}

export function YourName({ value, onChange, error, ...more }: Field & Omit<TextInputProps, keyof Field>) {
  return (
    <TextInput
      label="Your name"
      description="Shown to your team and in the history."
      autoComplete="name"
      maxLength={100}
      value={value}
      error={faultOf(error, "name")}
      onChange={(event) => onChange(event.currentTarget.value)}
      {...more}
    />
  );
}

/** What went wrong, unless one of the fields says so already. */
export function OtherFault({ error, fields }: { error: unknown; fields: readonly string[] }) {
  if (!error || fields.some((field) => faultOf(error, field))) return null;
  return <Failed error={error} />;
}

/** What is wrong with this field of what was sent. */
function faultOf(error: unknown, field: string): string | undefined {
  return error instanceof ApiError && error.field === field ? error.message : undefined;
}
