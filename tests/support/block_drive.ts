// A virtual drive of a few blocks with known contents, some of which may be bad, and a transport to
// it that has several commands under way.

import { type LbaFormat, preset, variant, VirtualDrive } from "../../src/drive/mod.ts";
import { directTransport } from "../../src/drive/mod.ts";
import { Drive } from "../../src/controller/drive.ts";
import {
  type Command,
  type Completion,
  type Feed,
  isLostCommand,
  type Transport,
} from "../../src/transport/transport.ts";

/** What kind of blocks, and how many. */
export interface BlockDriveOptions {
  readonly blocks?: number;
  readonly dataBytes?: number;
  readonly metadataBytes?: number;
  /** Whether the metadata follows the data of each block. */
  readonly inline?: boolean;
  readonly mdts?: number;
  readonly serial?: string;
  /** Blocks that cannot be read. */
  readonly bad?: readonly number[];
}

/** A drive with one namespace that is full of known contents. */
export interface BlockDrive {
  readonly virtual: VirtualDrive;
  readonly transport: Transport;
  readonly drive: Drive;
  /** The data of so many blocks, as they should be read; those in `lost` are zero. */
  data(first: number, blocks: number, lost?: readonly number[]): Uint8Array;
  metadata(first: number, blocks: number, lost?: readonly number[]): Uint8Array;
}

/** Makes one. */
export function blockDrive(options: BlockDriveOptions = {}): BlockDrive {
  const { blocks = 64, dataBytes = 512, metadataBytes = 0, inline = false, mdts = 1 } = options;
  const healthy = preset("");
  if (!healthy) throw new Error("there is no default drive");
  const format: LbaFormat = { dataBytes, metadataBytes, performance: 0 };
  const virtual = new VirtualDrive({
    personality: variant(healthy, {
      formats: [format],
      limits: { mdts },
      ...(options.serial === undefined ? {} : { serial: options.serial }),
      namespaces: [{
        nsid: 1,
        capacityBytes: blocks * (dataBytes + metadataBytes),
        format: 0,
        ...(inline ? { metadataInline: true } : {}),
      }],
    }),
    now: () => 0,
    seed: 1,
  });
  const bytes = { data: dataBytes, metadata: metadataBytes };
  const content = (
    part: "data" | "metadata",
    first: number,
    count: number,
    lost: readonly number[],
  ) => contents(part === "data" ? 1 : 101, bytes[part], { first, count, lost });
  const media = virtual.store.find(1)?.media;
  media?.write(0, blocks, {
    data: content("data", 0, blocks, []),
    metadata: content("metadata", 0, blocks, []),
  });
  for (const lba of options.bad ?? []) media?.damage(lba, 1, "latent");
  const transport = directTransport(virtual, "virtual:blocks");
  return {
    virtual,
    transport,
    drive: new Drive(transport),
    data: (first, count, lost = []) => content("data", first, count, lost),
    metadata: (first, count, lost = []) => content("metadata", first, count, lost),
  };
}

/** Bytes that differ from block to block, and within each. */
function contents(
  salt: number,
  size: number,
  { first, count, lost }: {
    readonly first: number;
    readonly count: number;
    readonly lost: readonly number[];
  },
): Uint8Array {
  const all = new Uint8Array(count * size);
  for (let block = 0; block < count; block++) {
    if (lost.includes(first + block)) continue;
    for (let at = 0; at < size; at++) {
      all[block * size + at] = (salt + (first + block) * 7 + (first + block >> 8) * 3 + at * 13) %
        251;
    }
  }
  return all;
}

/** What a transport around another was asked. */
export interface Observed extends Transport {
  readonly commands: Command[];
  /** The most commands that were under way at once. */
  readonly most: number;
}

/**
 * A transport with several commands under way, which complete in the order opposite to the one in
 * which they came; `intercept` may answer one, or throw.
 */
export function parallel(
  inner: Transport,
  { depth = 4, intercept }: {
    readonly depth?: number;
    readonly intercept?: (command: Command) => Completion | undefined;
  } = {},
): Observed {
  const commands: Command[] = [];
  let most = 0;
  const submit = async (command: Command): Promise<Completion> => {
    commands.push(command);
    return intercept?.(command) ?? await inner.submit(command);
  };
  return {
    kind: inner.kind,
    target: inner.target,
    commands,
    get most() {
      return most;
    },
    allocate: (length) => inner.allocate(length),
    submit,
    async run(feed: Feed): Promise<void> {
      for (;;) {
        const underWay: Command[] = [];
        while (underWay.length < depth) {
          const command = feed.next();
          if (command === undefined) break;
          underWay.push(command);
        }
        if (underWay.length === 0) return;
        most = Math.max(most, underWay.length);
        for (const command of underWay.reverse()) await carryOne(submit, feed, command);
      }
    },
    [Symbol.asyncDispose]: () => inner[Symbol.asyncDispose](),
  };
}

async function carryOne(
  submit: Transport["submit"],
  feed: Feed,
  command: Command,
): Promise<void> {
  let completion: Completion;
  try {
    completion = await submit(command);
  } catch (error) {
    if (feed.lost === undefined || !isLostCommand(error)) throw error;
    return feed.lost(command, error);
  }
  feed.done(command, completion);
}

/** The same transport, one command at a time, each of them seen. */
export function observed(
  inner: Transport,
  intercept?: (command: Command) => Completion | undefined,
): Observed {
  const { run: _run, ...rest } = parallel(inner, intercept ? { intercept } : {});
  return { ...rest, most: 1 };
}
