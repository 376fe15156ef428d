// The events of the persistent event log whose data are a structure with more behind it, both ways.

import { asciiz, type JsonObject, toHex } from "../../layout/mod.ts";
import {
  ControllerReset,
  HardwareErrorEvent,
  ResetEventHeader,
  SetFeatureEvent,
  VendorEventDescriptor,
} from "./event_data.ts";

/** Power-on or Reset: event type 04h [BASE-2.1 §5.1.12.1.14.2.4, Fig. 233]. */
export interface ResetEvent {
  /** The firmware that runs after it. */
  readonly revision: string;
  readonly controllers: readonly ReturnType<typeof ControllerReset.decode>[];
}

/** Set Feature: event type 0Bh [BASE-2.1 §5.1.12.1.14.2.11, Fig. 246]. */
export interface FeatureEvent {
  /** Command dwords from dword 10 on, 1 to 6 of them. */
  readonly dwords: readonly number[];
  readonly memory: Uint8Array;
  /** Dword 0 of the completion, where it was logged. */
  readonly completion?: number;
}

/** NVM Subsystem Hardware Error: event type 05h [BASE-2.1 §5.1.12.1.14.2.5, Fig. 235]. */
export interface HardwareError {
  /** A key of `HARDWARE_ERROR_NAMES`. */
  readonly code: number;
  readonly information: Uint8Array;
}

/** One descriptor of a vendor's event: type DEh [BASE-2.1 §5.1.12.1.14.2.15, Fig. 250]. */
export interface VendorPart {
  readonly code: number;
  /** A key of `VENDOR_DATA_NAMES`. */
  readonly type: number;
  readonly uuidIndex: number;
  readonly data: Uint8Array;
}

/** A reset's data. Throws RangeError for a revision longer than eight characters. */
export function encodeResetEvent(
  { revision, controllers }: {
    readonly revision: string;
    readonly controllers: readonly Parameters<typeof ControllerReset.encode>[0][];
  },
): Uint8Array<ArrayBuffer> {
  return joined(
    ResetEventHeader.encode({ revision }),
    ...controllers.map((controller) => ControllerReset.encode(controller)),
  );
}

/** A reset's data; undefined where they are too short. */
export function decodeResetEvent(data: Uint8Array): ResetEvent | undefined {
  const { size } = ResetEventHeader;
  if (data.length < size) return undefined;
  const { revision } = ResetEventHeader.decode(data);
  const count = Math.floor((data.length - size) / ControllerReset.size);
  const controllers = Array.from(
    { length: count },
    (_, at) => ControllerReset.decode(data.subarray(size + at * ControllerReset.size)),
  );
  return { revision, controllers };
}

/** A hardware error's data. */
export function encodeHardwareError({ code, information }: HardwareError): Uint8Array<ArrayBuffer> {
  return joined(HardwareErrorEvent.encode({ code }), information);
}

/** A hardware error's data; undefined where they are too short. */
export function decodeHardwareError(data: Uint8Array): HardwareError | undefined {
  if (data.length < HardwareErrorEvent.size) return undefined;
  const { code } = HardwareErrorEvent.decode(data);
  return { code, information: data.slice(HardwareErrorEvent.size) };
}

/** A feature's data. Throws RangeError for more than seven dwords or 65,535 bytes. */
export function encodeFeatureEvent(
  { dwords, memory, completion }: FeatureEvent,
): Uint8Array<ArrayBuffer> {
  const layout = SetFeatureEvent.encode({
    layout: {
      dwords: dwords.length,
      completion: completion !== undefined,
      memory: memory.length,
    },
  });
  return joined(
    layout,
    words(dwords),
    memory,
    words(completion === undefined ? [] : [completion]),
  );
}

/** A feature's data; undefined where they are shorter than they say. */
export function decodeFeatureEvent(data: Uint8Array): FeatureEvent | undefined {
  if (data.length < SetFeatureEvent.size) return undefined;
  const { layout } = SetFeatureEvent.decode(data);
  const memory = SetFeatureEvent.size + 4 * layout.dwords;
  const completion = memory + layout.memory;
  const end = completion + (layout.completion ? 4 : 0);
  if (data.length < end) return undefined;
  const view = viewOf(data);
  const dword = (offset: number): number => view.getUint32(offset, true);
  return {
    dwords: Array.from({ length: layout.dwords }, (_, at) => dword(SetFeatureEvent.size + 4 * at)),
    memory: data.slice(memory, completion),
    ...(layout.completion ? { completion: dword(completion) } : {}),
  };
}

/** A vendor's data. Throws RangeError for more than 65,535 bytes in one descriptor. */
export function encodeVendorEvent(parts: readonly VendorPart[]): Uint8Array<ArrayBuffer> {
  return joined(...parts.flatMap(({ data, ...head }) => [
    VendorEventDescriptor.encode({ ...head, length: data.length }),
    data,
  ]));
}

/** A vendor's descriptors; undefined where the bytes are not whole descriptors. */
export function decodeVendorEvent(data: Uint8Array): readonly VendorPart[] | undefined {
  const parts: VendorPart[] = [];
  let offset = 0;
  while (offset < data.length) {
    const from = offset + VendorEventDescriptor.size;
    if (from > data.length) return undefined;
    const { length, ...head } = VendorEventDescriptor.decode(data.subarray(offset));
    offset = from + length;
    if (offset > data.length) return undefined;
    parts.push({ ...head, data: data.slice(from, offset) });
  }
  return parts;
}

/** What a vendor's descriptor says: text, a number, or bytes. */
export function vendorText({ type, data }: VendorPart): string {
  if (type === 1 || type === 2) return asciiz(data.length).get(viewOf(data), 0);
  if (type === 4 && data.length === 8) return viewOf(data).getBigInt64(0, true).toString();
  return toHex(data);
}

/** A feature event for a machine. */
export function featureJson({ dwords, memory, completion }: FeatureEvent): JsonObject {
  const [cdw10 = 0] = dwords;
  return {
    fid: cdw10 & 0xff,
    dwords,
    memory: toHex(memory),
    completion: completion ?? null,
  };
}

function viewOf(data: Uint8Array): DataView {
  return new DataView(data.buffer, data.byteOffset, data.length);
}

function words(dwords: readonly number[]): Uint8Array {
  const data = new Uint8Array(4 * dwords.length);
  dwords.forEach((dword, at) => new DataView(data.buffer).setUint32(4 * at, dword, true));
  return data;
}

function joined(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const data = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const part of parts) {
    data.set(part, offset);
    offset += part.length;
  }
  return data;
}
