// What a drive answered, written down as text: which question, and the bytes that came back, so
// that another drive can give the same answers.

/** A question that only reads: Identify, Get Log Page, Get Features. Fields left out are zero. */
export interface RecordedRequest {
  readonly kind: "identify" | "log" | "feature";
  /** CNS, log page identifier or feature identifier. */
  readonly id: number;
  readonly nsid?: number;
  /** Of Identify: controller identifier and CNS specific identifier. */
  readonly cntid?: number;
  readonly cnssid?: number;
  /** Command set identifier. */
  readonly csi?: number;
  /** UUID index. */
  readonly uuid?: number;
  /** Of Get Log Page: log specific parameter and identifier. */
  readonly lsp?: number;
  readonly lsi?: number;
  /** Of Get Features: what of the feature, and command dword 11. */
  readonly select?: number;
  readonly cdw11?: number;
}

/** What came back. A log page is the whole page, from its start. */
export interface RecordedAnswer {
  /** The 15-bit status field; zero for success. */
  readonly status: number;
  /** Dword 0 of the completion. */
  readonly dw0: number;
  readonly data: Uint8Array;
}

/** The answers of one controller, by `requestKey`, each as `answerText` has it. */
export interface Recording {
  /** The controller's identifier, as Identify Controller has it. */
  readonly controller: number;
  readonly answers: Readonly<Record<string, string>>;
}

const KINDS: readonly string[] = ["identify", "log", "feature"] satisfies RecordedRequest["kind"][];
const FIELDS = ["nsid", "cntid", "cnssid", "csi", "uuid", "lsp", "lsi", "select", "cdw11"] as const;

/** A question as text: `identify 01`, `log 02 nsid=1`, `feature 04 select=1 cdw11=10000`. */
export function requestKey(request: RecordedRequest): string {
  const fields = FIELDS.flatMap((name) => {
    const value = request[name] ?? 0;
    return value === 0 ? [] : [`${name}=${value.toString(16)}`];
  });
  return [request.kind, request.id.toString(16).padStart(2, "0"), ...fields].join(" ");
}

/** The question of a text. Throws SyntaxError. */
export function parseRequestKey(key: string): RecordedRequest {
  const [kind = "", id = "", ...fields] = key.split(" ");
  const request: Record<string, number> = {};
  for (const field of fields) {
    const [name = "", value = ""] = field.split("=");
    if (!FIELDS.some((known) => known === name)) throw noKey(key);
    request[name] = hexadecimal(value, key);
  }
  if (!KINDS.includes(kind)) throw noKey(key);
  return { ...request, kind: kind as RecordedRequest["kind"], id: hexadecimal(id, key) };
}

function hexadecimal(text: string, key: string): number {
  if (!/^[0-9a-f]{1,8}$/.test(text)) throw noKey(key);
  return parseInt(text, 16);
}

function noKey(key: string): SyntaxError {
  return new SyntaxError(`Cannot read the recorded request ${JSON.stringify(key)}`);
}

/** Zeros that are fewer than that stay among the bytes around them. */
const GAP_BYTES = 24;
/** What a structure may have at most: telemetry can be large, but not larger than this. */
const MOST_BYTES = 2 ** 30;

/**
 * An answer as text: `refused 2`, the status in hexadecimal; or dword 0 in hexadecimal, the number
 * of bytes, and the stretches of them that are not zero, each as its offset and base64.
 */
export function answerText({ status, dw0, data }: RecordedAnswer): string {
  if (status !== 0) return `refused ${status.toString(16)}`;
  const stretches = stretchesOf(data).map(([start, end]) =>
    `${start}:${data.subarray(start, end).toBase64()}`
  );
  return [dw0.toString(16), `${data.length}`, ...stretches].join(" ");
}

/** The answer of a text. Throws SyntaxError. */
export function parseAnswer(text: string): RecordedAnswer {
  const refused = /^refused ([0-9a-f]{1,4})$/.exec(text);
  if (refused) {
    return { status: parseInt(refused[1] ?? "", 16), dw0: 0, data: new Uint8Array(0) };
  }
  const [dw0 = "", length = "", ...stretches] = text.split(" ");
  const size = /^\d{1,10}$/.test(length) ? Number(length) : NaN;
  if (!/^[0-9a-f]{1,8}$/.test(dw0) || !(size <= MOST_BYTES)) throw noAnswer(text);
  const data = new Uint8Array(size);
  for (const stretch of stretches) {
    const [, at = "", base64 = ""] = /^(\d{1,10}):(.+)$/.exec(stretch) ?? [];
    const bytes = at === "" ? undefined : Uint8Array.fromBase64(base64);
    if (!bytes || Number(at) + bytes.length > size) throw noAnswer(text);
    data.set(bytes, Number(at));
  }
  return { status: 0, dw0: parseInt(dw0, 16), data };
}

function noAnswer(text: string): SyntaxError {
  return new SyntaxError(`Cannot read the recorded answer ${JSON.stringify(text.slice(0, 40))}`);
}

/** Where there is something: starts and ends, with no long run of zeros inside. */
function stretchesOf(data: Uint8Array): readonly (readonly [start: number, end: number])[] {
  const found: [number, number][] = [];
  for (let at = 0; at < data.length; at++) {
    if (data[at] === 0) continue;
    const last = found.at(-1);
    if (last && at - last[1] < GAP_BYTES) last[1] = at + 1;
    else found.push([at, at + 1]);
  }
  return found;
}
