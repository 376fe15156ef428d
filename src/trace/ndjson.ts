// The trace for machines: one JSON object per event and line.

import { exactDigits, type JsonObject, toHex } from "../layout/mod.ts";
import { dwords, opcodeName, printable, statusWords } from "./text.ts";
import type {
  CommandEvent,
  CompletionEvent,
  DataEvent,
  FailureEvent,
  RegisterEvent,
  TracedCommand,
  TraceEvent,
  TraceSink,
} from "./trace.ts";

/** The schema of every line. */
export const TRACE_SCHEMA = "nvmectl.trace/1";

/**
 * A sink that writes one JSON object per event, without the line end. Control characters that JSON
 * would let through are escaped too, which changes nothing for a parser.
 */
export function ndjsonSink(writeLine: (line: string) => void): TraceSink {
  const write = (event: TraceEvent): void => writeLine(printable(JSON.stringify(eventJson(event))));
  return { command: write, data: write, completion: write, register: write };
}

/**
 * One event as a JSON object. Data is hexadecimal; command dwords read as in a dry run. Data that
 * came after its command is an event with the command's index.
 */
export function eventJson(event: TraceEvent): JsonObject {
  return {
    schema: TRACE_SCHEMA,
    index: event.index,
    seconds: Number(event.timeNs / 1_000_000_000n),
    nanoseconds: Number(event.timeNs % 1_000_000_000n),
    device: event.device.toWellFormed(),
    event: event.kind,
    ...bodyJson(event),
    ...(event.notes ? { notes: event.notes } : {}),
  };
}

function bodyJson(event: TraceEvent): JsonObject {
  switch (event.kind) {
    case "command":
      return { ...commandJson(event), ...dwordsJson(event.command), ...payloadJson(event) };
    case "data":
      return { ...commandJson(event), data: toHex(event.data) };
    case "completion":
      return { ...commandJson(event), ...completionJson(event), ...payloadJson(event) };
    case "failure":
      return { ...commandJson(event), ...latencyJson(event), error: event.error };
    case "register":
      return registerJson(event);
  }
}

function commandJson(
  event: CommandEvent | DataEvent | CompletionEvent | FailureEvent,
): JsonObject {
  const { command, sqid, cid } = event;
  return {
    queue: command.queue,
    sqid,
    cid,
    opcode: hex(command.opcode, 2),
    name: opcodeName(command),
    nsid: command.nsid ?? 0,
  };
}

function dwordsJson(command: TracedCommand): JsonObject {
  const words = dwords(command).map(([name, value]) => [name.toLowerCase(), hex(value, 8)]);
  return { flags: hex(command.flags ?? 0, 2), ...Object.fromEntries(words) };
}

function payloadJson(event: CommandEvent | CompletionEvent): JsonObject {
  const { command: { direction, dataLength, metadataLength }, data } = event;
  return {
    ...(event.kind === "command"
      ? {
        direction: direction ?? "none",
        ...(dataLength === undefined ? {} : { data_length: dataLength }),
        metadata_length: metadataLength,
        ...(event.prps ? { prp1: hex(event.prps.prp1, 16), prp2: hex(event.prps.prp2, 16) } : {}),
      }
      : {}),
    ...(data ? { data: toHex(data) } : {}),
  };
}

function completionJson(event: CompletionEvent): JsonObject {
  const { command, completion: { status, result }, phase, posted } = event;
  return {
    ...latencyJson(event),
    ...(phase === undefined ? {} : { phase }),
    ...(posted === undefined ? {} : { posted: { sqid: posted.sqid, cid: posted.cid } }),
    status: { value: status, text: statusWords(status, command) },
    dw0: Number(result & 0xffffffffn),
    dw1: Number(result >> 32n),
  };
}

function latencyJson({ timeNs, issuedNs }: CompletionEvent | FailureEvent): JsonObject {
  const latency = timeNs - issuedNs;
  return { latency_ns: Number(latency), ...exactDigits("latency_ns", latency) };
}

function registerJson({ access, offset, width, value, byCommand }: RegisterEvent): JsonObject {
  return {
    access,
    offset: hex(offset, 4),
    width,
    value: hex(value, 2 * width),
    ...(byCommand ? { by_command: true } : {}),
  };
}

function hex(value: number | bigint, digits: number): string {
  return `0x${value.toString(16).padStart(digits, "0")}`;
}
