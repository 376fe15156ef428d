// Which questions are the same question: what a drive does not look at makes no difference.

import { findCns } from "./identify/cns.ts";
import { logPageInfo } from "./log/names.ts";
import type { RecordedRequest } from "./recording.ts";

const ALL_NAMESPACES = 0xffffffff;

/** Log pages without a log specific parameter, or whose parameter only starts something. */
const WITHOUT_LSP: ReadonlySet<number> = new Set(
  [0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x0e, 0x12, 0x13, 0x81],
);
/** Log pages without a log specific identifier. */
const WITHOUT_LSI: ReadonlySet<number> = new Set([...WITHOUT_LSP, 0x0c, 0x0d]);

/** Features that namespaces have [BASE-2.1 §5.1.25, Fig. 385]. */
const NAMESPACE_FEATURES: ReadonlySet<number> = new Set(
  [0x03, 0x05, 0x1c, 0x1f, 0x20, 0x7f, 0x82, 0x83, 0x84],
);

/** What of command dword 11 selects a value in Get Features; nothing where there is no line. */
const SELECTING_BITS: ReadonlyMap<number, number> = new Map([
  // Temperature Threshold: sensor and type.
  [0x04, 0x003f0000],
  // Interrupt Vector Configuration: the vector.
  [0x09, 0xffff],
  // NVM sets and endurance groups.
  [0x12, 0xffff],
  [0x13, 0xffff],
  [0x14, 0xffff],
  [0x18, 0xffff],
  [0x1d, 0xffff],
  // Performance Characteristics: the attribute, and how it is told.
  [0x1c, 0x1ff],
  [0x1e, 0xff_ffff],
  [0x21, 0xffff],
  // Host Identifier: of 64 or 128 bits.
  [0x81, 1],
]);
/** Features of vendors, of which nobody knows. */
const FIRST_VENDOR_FEATURE = 0xc0;

/** Whether the values of a feature belong to namespaces. */
export function isNamespaceFeature(fid: number): boolean {
  return NAMESPACE_FEATURES.has(fid);
}

/** The bits of command dword 11 by which Get Features tells one value of a feature from another. */
export function selectingBits(fid: number): number {
  return SELECTING_BITS.get(fid) ?? (fid >= FIRST_VENDOR_FEATURE ? 0xffffffff : 0);
}

/**
 * The question without what makes no difference to its answer: fields that a structure does not
 * use, the two ways to mean no namespace.
 */
export function plainRequest(request: RecordedRequest): RecordedRequest {
  switch (request.kind) {
    case "identify":
      return plainIdentify(request);
    case "log":
      return plainLog(request);
    case "feature":
      return plainFeature(request);
  }
}

function plainIdentify(request: RecordedRequest): RecordedRequest {
  const scope = findCns(request.id)?.scope;
  if (!scope) return request;
  const { kind, id, nsid = 0, cntid = 0, cnssid = 0, csi = 0, uuid = 0 } = request;
  return {
    kind,
    id,
    nsid,
    uuid,
    cntid: scope.cntid ? cntid : 0,
    cnssid: scope.cnssid ? cnssid : 0,
    csi: scope.csi ? csi : 0,
  };
}

function plainLog(request: RecordedRequest): RecordedRequest {
  const { id, nsid = 0, lsp = 0, lsi = 0, csi = 0 } = request;
  return {
    ...request,
    nsid: nsid === ALL_NAMESPACES ? 0 : nsid,
    lsp: WITHOUT_LSP.has(id) ? 0 : lsp,
    lsi: WITHOUT_LSI.has(id) ? 0 : lsi,
    csi: logPageInfo(id).byCommandSet ? csi : 0,
  };
}

function plainFeature(request: RecordedRequest): RecordedRequest {
  const { id, nsid = 0, cdw11 = 0 } = request;
  return {
    ...request,
    nsid: isNamespaceFeature(id) ? nsid : 0,
    cdw11: (cdw11 & selectingBits(id)) >>> 0,
  };
}
