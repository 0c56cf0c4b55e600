/** The state of a form over `fields`: what was written, what of it differs from what is stored. */

import { useState } from "react";
import type { ApiError } from "~/api/client";
import type { Field } from "~/api/schema";

export type Values = Record<string, unknown>;

export interface FieldsForm {
  value: (field: Field) => unknown;
  set: (name: string, value: unknown) => void;
  mistakes: Record<string, string>;
  isChanged: boolean;
  /** What the workspace file has to say: everything that is not as by default. */
  body: () => Values;
  reset: () => void;
  wrong: (error: ApiError) => void;
}

/** What others have changed meanwhile is taken over field by field: only what was written here stays written. */
export function useFields(fields: readonly Field[]): FieldsForm {
  const [written, setWritten] = useState<Values>({});
  const [mistakes, setMistakes] = useState<Record<string, string>>({});
  const value = (field: Field) => (field.name in written ? written[field.name] : field.value);
  return {
    value,
    set: (name, next) => setWritten((before) => ({ ...before, [name]: next })),
    mistakes,
    isChanged: fields.some((field) => !same(value(field), field.value)),
    body: () => bodyOf(fields, value),
    reset: () => {
      setWritten({});
      setMistakes({});
    },
    wrong: (error) =>
      setMistakes(
        Object.fromEntries(error.problems.map(({ path, message }) => [path.split(/[.[]/)[0], message])),
      ),
  };
}

export function bodyOf(fields: readonly Field[], value: (field: Field) => unknown): Values {
  const said = fields.filter((field) => !same(value(field), field.default));
  return Object.fromEntries(said.map((field) => [field.name, value(field)]));
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a ?? null) === JSON.stringify(b ?? null);
}
