// The taps of PDUs: what plug-ins make of what was received, and of what is about to be sent.

import { dataOffset, DIGEST_BYTES, type Framing } from "../../../tcp/framing.ts";
import { crc32c } from "../../../tcp/crc32c.ts";
import { C2HData, CommonHeader, PDU_FLAG } from "../../../tcp/pdu.ts";
import type { Subsystem } from "../../machine.ts";
import { decideAtOnce, type Decision } from "../../tap/at_once.ts";
import type { TapName } from "../../tap/names.ts";
import type { Disconnect, PduTap } from "../../tap/verdict.ts";

const FLAGS = CommonHeader.row("flags").first;
const PLEN = CommonHeader.row("plen").first;
const DATAL = C2HData.row("datal").first;

/** Whose taps a connection's PDUs are shown at. */
export interface TapWitness {
  /** The drive of the connection; before Connect every drive of the target. */
  readonly drives: readonly Subsystem[];
  /** The controller; 0 before Connect. */
  readonly controller: number;
  /** The queue; -1 before Connect. */
  readonly qid: number;
}

/** A PDU at a tap. */
export interface TappedPdu {
  readonly type: number;
  readonly header: Uint8Array;
  readonly data?: Uint8Array;
}

/** Whether anybody is attached; when not, a PDU takes the short way. */
export function isTapped({ drives }: TapWitness, tap: TapName): boolean {
  for (const { taps } of drives) if (taps.armed[tap]) return true;
  return false;
}

/** Asks everyone at the tap; the first drive whose plug-ins end the matter has the last word. */
export function decidePdu(
  { drives, controller, qid }: TapWitness,
  tap: TapName,
  pdu: TappedPdu,
): Omit<Decision<TappedPdu>, "final"> & { readonly final?: Disconnect | { kind: "drop" } } {
  let context = pdu;
  let corrupt: Decision<PduTap>["corrupt"];
  for (const drive of drives) {
    const { type, header, data } = context;
    const decision = decideAtOnce<PduTap>(drive.taps, tap, () => ({
      kind: "pdu",
      tap,
      device: drive.device,
      controller,
      now: drive.now(),
      type,
      qid,
      header,
      ...(data ? { data } : {}),
    }));
    if (!decision) continue;
    context = decision.context;
    corrupt = decision.corrupt ?? corrupt;
    const { final } = decision;
    // Claiming a PDU is dealing with it: nothing else happens to it.
    if (final) return { context, final: final.kind === "disconnect" ? final : { kind: "drop" } };
  }
  return { context, ...(corrupt ? { corrupt } : {}) };
}

/**
 * The bytes of a PDU whose parts a plug-in has changed. A header that it left alone says how long
 * the data is now; one that it wrote itself is sent as it is.
 */
export function assemblePdu(
  framing: Framing,
  parts: TappedPdu & { readonly hasDatal: boolean; readonly ownHeader: boolean },
  corrupt?: "header-digest" | "data-digest",
): Uint8Array {
  const { header: given, data, hasDatal, ownHeader } = parts;
  const header = given.slice();
  const flags = header[FLAGS] ?? 0;
  const headerDigest = framing.headerDigest && (flags & PDU_FLAG.headerDigest) !== 0;
  const dataDigest = data !== undefined && framing.dataDigest &&
    (flags & PDU_FLAG.dataDigest) !== 0;
  const used = header.length + (headerDigest ? DIGEST_BYTES : 0);
  const dataAt = data ? dataOffset(used, framing.alignment) : used;
  const end = dataAt + (data?.length ?? 0);
  const bytes = new Uint8Array(end + (dataDigest ? DIGEST_BYTES : 0));
  const view = new DataView(bytes.buffer);
  bytes.set(header);
  if (!ownHeader) {
    view.setUint32(PLEN, bytes.length, true);
    if (data && hasDatal) view.setUint32(DATAL, data.length, true);
  }
  if (data) bytes.set(data, dataAt);
  if (headerDigest) {
    const digest = crc32c(bytes, 0, header.length);
    view.setUint32(header.length, corrupt === "header-digest" ? ~digest : digest, true);
  }
  if (dataDigest) {
    const digest = crc32c(bytes, dataAt, end);
    view.setUint32(end, corrupt === "data-digest" ? ~digest : digest, true);
  }
  return bytes;
}
