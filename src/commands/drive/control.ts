// What the verbs that speak to a served drive have in common.

import type { Context } from "../../cli/command.ts";
import type { Control } from "../../cli/drive_service.ts";
import { text } from "../../cli/flags.ts";
import type { Json, JsonObject } from "../../layout/mod.ts";

/** The option that names the drive, where several are served. */
export const CONTROL = text(
  "The control socket of the drive; the only one there is when left out",
  "PATH",
);

/** Speaks with the served drive. */
export async function withControl<T>(
  context: Context,
  path: string | undefined,
  speak: (control: Control) => Promise<T>,
): Promise<T> {
  const service = await context.drives();
  await using control = await service.control(path);
  return await speak(control);
}

/** The objects of a list in an answer. */
export function objectsOf(answer: JsonObject, name: string): readonly JsonObject[] {
  const list = answer[name];
  return Array.isArray(list) ? list as readonly JsonObject[] : [];
}

/** A value of an answer as people read it: texts without quotes, lists with commas. */
export function plain(value: Json | undefined): string {
  if (value === undefined || value === null) return "";
  if (Array.isArray(value)) return value.map(plain).join(", ");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
