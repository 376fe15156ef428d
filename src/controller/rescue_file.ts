// The map of a rescue as a text file that GNU ddrescue and its companions read: positions and sizes
// in bytes of the namespace's data, and a comment that says which drive and range it is of.

import { UsageError } from "../errors.ts";
import type { Drive } from "./drive.ts";
import { identifyController } from "./identify.ts";
import type { ReadRange } from "./read_range.ts";
import { type BlockState, type Extent, RescueMap } from "./rescue_map.ts";

/** What a map is of. A rescue goes on only where all of it is the same. */
export interface RescueIdentity {
  readonly model: string;
  readonly serial: string;
  readonly nsid: number;
  readonly lba: string;
  readonly blocks: number;
  readonly block_bytes: number;
  readonly metadata_bytes: number;
  /** Whether the metadata is saved, too. */
  readonly metadata_saved: boolean;
}

const IDENTITY = "# nvmectl read: ";
const STATES = "?*/-+";

/** What a rescue of this range is of. */
export async function rescueIdentity(
  drive: Drive,
  { nsid, lba, blocks, shape }: ReadRange,
  metadataSaved: boolean,
): Promise<RescueIdentity> {
  const { mn, sn } = await identifyController(drive);
  return {
    model: mn.trim(),
    serial: sn.trim(),
    nsid,
    lba: lba.toString(),
    blocks,
    block_bytes: shape.blockBytes,
    metadata_bytes: shape.metadataBytes,
    metadata_saved: metadataSaved,
  };
}

/** What the rescue is doing, by the status line of the format. */
export interface RescueStage {
  readonly state: BlockState;
  /** The block at which it is. */
  readonly at: number;
}

/** The map file's text. */
export function formatRescueMap(
  map: RescueMap,
  identity: RescueIdentity,
  stage: RescueStage,
): string {
  const position = (block: number): string =>
    hex((BigInt(identity.lba) + BigInt(block)) * BigInt(identity.block_bytes));
  const size = (blocks: number): string => hex(BigInt(blocks) * BigInt(identity.block_bytes));
  return [
    "# Mapfile. Created by nvmectl, in the format of GNU ddrescue",
    // ASCII alone: what drives call themselves must not reach whoever looks at the file.
    IDENTITY + ascii(JSON.stringify(identity)),
    "# current_pos  current_status  current_pass",
    `${position(stage.at)}     ${stage.state}               1`,
    "#      pos        size  status",
    ...map.extents.map(({ first, blocks, state }) =>
      `${position(first)}  ${size(blocks)}  ${state}`
    ),
    "",
  ].join("\n");
}

/**
 * Reads a map file that must be of the same drive and range.
 *
 * @param path its name, for messages
 * @returns what is known of the blocks, and what the rescue was doing, as far as that can be read
 * @throws UsageError for a map of something else, and for a file that is no such map
 */
export function parseRescueMap(
  text: string,
  identity: RescueIdentity,
  path: string,
): { readonly map: RescueMap; readonly stage: RescueStage } {
  const lines = text.split("\n");
  const comment = lines.find((line) => line.startsWith(IDENTITY));
  if (comment === undefined) {
    throw refused(path, "it is not a map that nvmectl read wrote");
  }
  checkIdentity(comment.slice(IDENTITY.length), identity, path);
  const content = lines.map((line, at) => ({ line: line.replace(/(^|\s)#.*$/, "").trim(), at }))
    .filter(({ line }) => line !== "");
  const bytes = BigInt(identity.block_bytes);
  const start = BigInt(identity.lba) * bytes;
  const extents: Extent[] = [];
  let next = start;
  for (const { line, at } of content.slice(1)) {
    const [, position = "", size = "", state = ""] =
      /^(0x[0-9a-f]+|[0-9]+)\s+(0x[0-9a-f]+|[0-9]+)\s+([?*/+-])$/i.exec(line) ?? [];
    const length = size === "" ? 0n : BigInt(size);
    if (length === 0n || BigInt(position) !== next || length % bytes !== 0n) {
      throw refused(path, `line ${at + 1} does not go on where the one before it ends`);
    }
    extents.push({
      first: Number((next - start) / bytes),
      blocks: Number(length / bytes),
      state: STATES.charAt(STATES.indexOf(state)) as BlockState,
    });
    next += length;
  }
  if (next !== start + BigInt(identity.blocks) * bytes) {
    throw refused(path, "it does not end where the blocks end");
  }
  return { map: new RescueMap(extents), stage: stageOf(content[0]?.line, identity) };
}

/** The first line says where the rescue was. What it has yet to do follows from the rest. */
function stageOf(
  line: string | undefined,
  { lba, blocks, block_bytes }: RescueIdentity,
): RescueStage {
  const [, position, state = ""] =
    /^(0x[0-9a-f]+|[0-9]+)\s+([?*/+-])(?:\s+[0-9]+)?$/i.exec(line ?? "") ?? [];
  const at = position === undefined
    ? 0
    : Number(BigInt(position) / BigInt(block_bytes) - BigInt(lba));
  if (at < 0 || at > blocks || !isState(state)) return { state: "?", at: 0 };
  return { state, at };
}

function isState(text: string): text is BlockState {
  return text.length === 1 && STATES.includes(text);
}

function checkIdentity(text: string, wanted: RescueIdentity, path: string): void {
  let found: Readonly<Record<string, unknown>>;
  try {
    found = Object(JSON.parse(text));
  } catch {
    throw refused(path, "the line that says what it is of cannot be read");
  }
  for (const [key, value] of Object.entries(wanted)) {
    if (found[key] === value) continue;
    const name = key.replaceAll("_", " ");
    throw refused(
      path,
      `it is of another rescue: ${name} ${JSON.stringify(found[key])}, and now it is ` +
        JSON.stringify(value),
    );
  }
}

function refused(path: string, found: string): UsageError {
  return new UsageError(`Cannot go on from the map ${path}: ${found}`, {
    next: "name another map and output, or remove them to begin again",
  });
}

function hex(value: bigint): string {
  return `0x${value.toString(16).toUpperCase().padStart(8, "0")}`;
}

function ascii(text: string): string {
  return text.replace(
    /[^\x20-\x7e]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
