// Explaining status codes.

import { type Block, type Fact, facts, heading, paragraph } from "../../cli/report.ts";
import type { JsonObject } from "../../layout/mod.ts";
import { adminOpcode, formatOpcode } from "../../spec/opcode.ts";
import {
  allStatuses,
  decodeStatus,
  encodeStatus,
  formatStatusCode,
  type Outcome,
  parseStatus,
  type Status,
  type StatusInfo,
  statusInfo,
  statusMeanings,
  statusTypeName,
} from "../../spec/status/status.ts";
import { citationFact, citationJson } from "./cite.ts";
import { type Explanation, type Kind, parseNumber, type Subject } from "./subject.ts";

const FIELD_MAX = 0x7fff;
const BYTE_MAX = 0xff;

const OUTCOME_TEXT: Readonly<Record<Outcome, string>> = {
  success: "the command was carried out",
  "reset-required": "the command was carried out; a reset must follow before it takes effect",
  error: "the command was not carried out",
};

/** Status codes, by any spelling of a status field. */
export const STATUS_KIND: Kind = {
  name: "status",
  title: "Status codes",
  selectors: ["status"],
  example: "nvmectl explain 0x2002",
  all: () => [...allStatuses()].map((info) => subject(info, plain(info))),
  numbered(text, asked) {
    const status = readStatus(text);
    if (!status) return [];
    const { type, code, field } = status;
    const meanings = statusMeanings(type, code);
    if (meanings.length > 0) return meanings.map((info) => subject(info, status));
    // A byte that is no status is likelier something else.
    const isByte = parseNumber(text) !== undefined && field <= BYTE_MAX;
    return asked || !isByte ? [subject(statusInfo(type, code), status)] : [];
  },
};

function readStatus(text: string): Status | undefined {
  const written = parseStatus(text);
  if (written) return written;
  const number = parseNumber(text);
  return number !== undefined && number <= FIELD_MAX ? decodeStatus(number) : undefined;
}

function plain({ type, code }: StatusInfo): Status {
  return decodeStatus(encodeStatus({ type, code }));
}

function subject(info: StatusInfo, status: Status): Subject {
  return {
    kind: "status",
    title: `${info.name} (${formatStatusCode(status)})`,
    names: [info.name],
    explain: () => explain(info, status),
  };
}

function explain(info: StatusInfo, status: Status): Explanation {
  const { name, meaning, next, outcome, commands, cite, onCommand = {} } = info;
  const variants = Object.entries(onCommand).map(([opcode, variant]) => ({
    ...variant,
    opcode: Number(opcode),
  }));
  const rows: readonly Fact[] = [
    ["Field", fieldText(status)],
    ["Type", `${formatByte(status.type)} ${statusTypeName(status.type)}`],
    ["Code", formatByte(status.code)],
    ...flagFacts(status),
    ["Outcome", OUTCOME_TEXT[outcome]],
    ...(commands ? [["Returned by", commands.join(", ")] as const] : []),
    ...(next ? [["Next", next] as const] : []),
    citationFact(cite),
  ];
  const blocks: readonly Block[] = [
    heading(`Status ${formatStatusCode(status)}: ${name}`),
    paragraph(meaning),
    facts(rows),
    ...variants.flatMap((variant) => [
      heading(`As the answer to ${commandTitle(variant.opcode)}`),
      paragraph(variant.meaning),
      facts([
        ["Outcome", OUTCOME_TEXT[variant.outcome]],
        ["Next", variant.next],
        citationFact(variant.cite),
      ]),
    ]),
  ];
  const json: JsonObject = {
    name,
    field: status.field,
    field_hex: hexField(status.field),
    status_code_type: { value: status.type, text: statusTypeName(status.type) },
    status_code: status.code,
    retry_delay: status.retryDelay,
    more: status.more,
    do_not_retry: status.doNotRetry,
    meaning,
    next: next ?? null,
    outcome,
    commands: commands ?? [],
    on_command: variants.map((variant) => ({
      opcode: { value: variant.opcode, text: adminOpcode(variant.opcode).name },
      meaning: variant.meaning,
      next: variant.next,
      outcome: variant.outcome,
      cite: citationJson(variant.cite),
    })),
    cite: citationJson(cite),
  };
  return { json, blocks };
}

function commandTitle(opcode: number): string {
  return `${adminOpcode(opcode).name} (admin ${formatOpcode(opcode)})`;
}

/** The bits beside type and code, where any is set. */
function flagFacts({ retryDelay, more, doNotRetry }: Status): readonly Fact[] {
  const rows: Fact[] = [];
  if (retryDelay !== 0) {
    rows.push(["Retry delay", `CRDT${retryDelay} of Identify Controller, before a retry`]);
  }
  if (more) rows.push(["More", "the Error Information log says more: nvmectl log error"]);
  if (doNotRetry) rows.push(["Do not retry", "the same command will fail again"]);
  return rows;
}

function fieldText({ field }: Status): string {
  return `${hexField(field)} (15 bits, without the phase tag)`;
}

function hexField(field: number): string {
  return `0x${field.toString(16).padStart(4, "0")}`;
}

function formatByte(value: number): string {
  return `${value.toString(16).toUpperCase().padStart(2, "0")}h`;
}
