// nvme-cli as the second opinion: its JSON and nvmectl's, compared field by field.

import { assert, assertEquals } from "@std/assert";
import type { Guest } from "../../scripts/vm/guest.ts";
import { nvmectl, shell } from "./guest.ts";

/** An object of JSON. */
export type Fields = Readonly<Record<string, unknown>>;

/** Runs nvme-cli and returns its JSON. */
export async function peer(guest: Guest, words: string): Promise<Fields> {
  return JSON.parse(await shell(guest, `nvme ${words} -o json`));
}

/** Runs nvmectl, which must succeed, and returns its JSON. */
export async function ours(guest: Guest, words: readonly string[]): Promise<Fields> {
  const { code, stdout, stderr } = await nvmectl(guest, [...words, "-o", "json"]);
  assert(code === 0 || code === 1, `${words.join(" ")}: ${stderr}`);
  return JSON.parse(stdout);
}

/** One value as both tools can be compared: numbers as digits, text without padding. */
export function comparable(value: unknown): string {
  if (typeof value === "object" && value !== null && "value" in value) {
    return comparable(value.value);
  }
  if (typeof value === "number") return BigInt(value).toString();
  return String(value).trim().replaceAll("-", "");
}

/**
 * Every field of the peer must be in ours, by its name or by the name in `renamed`, with the same
 * value. `special` compares fields whose form differs. A field of the peer's that is none of these
 * is a complaint.
 */
export function assertAgree(
  theirs: Fields,
  mine: Fields,
  { renamed = {}, special = {} }: {
    readonly renamed?: Readonly<Record<string, string>>;
    readonly special?: Readonly<Record<string, (theirs: unknown) => void>>;
  } = {},
): void {
  const complaints: string[] = [];
  for (const [key, value] of Object.entries(theirs)) {
    const compare = special[key];
    if (compare) {
      compare(value);
      continue;
    }
    const name = renamed[key] ?? key;
    if (!(name in mine)) complaints.push(`${key}: nvmectl has no ${name}`);
    else if (comparable(mine[name]) !== comparable(value)) {
      complaints.push(`${key}: nvme-cli ${comparable(value)}, nvmectl ${comparable(mine[name])}`);
    }
  }
  assertEquals(complaints, []);
}

/** What nvme-cli calls the fields of the SMART log, where nvmectl has other names. */
export const SMART_NAMES: Readonly<Record<string, string>> = {
  temperature: "composite_temperature",
  avail_spare: "available_spare",
  spare_thresh: "available_spare_threshold",
  percent_used: "percentage_used",
  endurance_grp_critical_warning_summary: "endurance_group_critical_warning",
  num_err_log_entries: "error_log_entries",
  warning_temp_time: "warning_temperature_time",
  critical_comp_time: "critical_temperature_time",
  thm_temp1_trans_count: "thermal_transitions1",
  thm_temp2_trans_count: "thermal_transitions2",
  thm_temp1_total_time: "thermal_time1",
  thm_temp2_total_time: "thermal_time2",
};

/** Compares the block formats of an Identify Namespace: sizes and relative performance. */
export function assertFormatsAgree(theirs: unknown, mine: Fields): void {
  const own = mine["lbaf"] as readonly Fields[];
  const formats = theirs as readonly Fields[];
  assert(own.length >= formats.length);
  formats.forEach(({ ms, ds, rp }, at) => {
    assertEquals(
      [own[at]?.["ms"], own[at]?.["lbads"], own[at]?.["rp"]].map(comparable),
      [ms, ds, rp].map(comparable),
    );
  });
}
