// What the driver has to know of a namespace before it sends I/O commands to it: which command set
// gives them their meaning, and how much memory its blocks take.

import { SafetyError } from "../../errors.ts";
import { COMMAND_SET, COMMAND_SET_NAMES } from "../../spec/identify/command_sets.ts";
import { decodeNamespaceDescriptors, NIDT } from "../../spec/identify/namespace_descriptors.ts";
import { GENERIC } from "../../spec/status/generic.ts";
import { type BlockShape, blockShape, requireBlockMemory } from "../block_memory.ts";
import type { Command, DataBuffer } from "../transport.ts";
import type { DmaSpace } from "./backing.ts";
import { allocateBuffer } from "./buffers.ts";
import type { OwnCommand } from "./entry.ts";
import type { Send } from "./limits.ts";
import { identifyNamespace, namespaceDescriptors } from "./own_commands.ts";
import { nameOf, refused } from "./words.ts";

/** What is known of one namespace. */
export interface NamespaceFacts {
  /** The command set identifier; undefined where the drive does not say one. */
  readonly commandSet: number | undefined;
  /** Undefined where it holds no blocks, or is not there. */
  readonly shape: BlockShape | undefined;
}

/** Whom to ask, and with which memory. */
export interface NamespacesOptions {
  readonly dma: DmaSpace;
  readonly owner: object;
  readonly target: string;
  /** Whether the controller was enabled with all command sets that it has (CC.CSS 110b). */
  readonly manySets: () => boolean;
}

const IDENTIFY_BYTES = 4096;
const ALL_NAMESPACES = 0xffff_ffff;
/** Status type 0 and this code: there is no such namespace [BASE-2.1 §4.2.3.1]. */
const NO_NAMESPACE = GENERIC.invalidNamespace.code;
const TYPE_AND_CODE = 0x7ff;
/** What a command finds that is for no namespace, or for one that is not there. */
const NOTHING: NamespaceFacts = { commandSet: COMMAND_SET.nvm, shape: undefined };

/**
 * Command sets in which the opcodes of the NVM Command Set mean the same; in the zoned one they
 * only have more statuses [ZNS-1.2 §3.2].
 */
const OF_BLOCKS: ReadonlySet<number | undefined> = new Set([COMMAND_SET.nvm, COMMAND_SET.zns]);

/** The namespaces that I/O commands were sent to. */
export class KnownNamespaces {
  readonly #options: NamespacesOptions;
  readonly #facts = new Map<number, NamespaceFacts>();
  readonly #asking = new Map<number, Promise<void>>();
  /** How often all was forgotten. */
  #changes = 0;
  #lastNsid = 0;
  #last: NamespaceFacts | undefined = NOTHING;

  constructor(options: NamespacesOptions) {
    this.#options = options;
  }

  /** What has been asked and not been answered. */
  get asking(): readonly Promise<void>[] {
    return [...this.#asking.values()];
  }

  /** Whether an I/O command to a namespace can be judged. */
  knows(nsid: number = 0): boolean {
    return this.#find(nsid) !== undefined;
  }

  /**
   * Lets an I/O command through that means what it means in the NVM Command Set, and has as much
   * memory as its blocks take.
   *
   * @throws SafetyError for another command set, or a namespace that was not asked about
   * @throws UsageError for too little memory
   */
  check(command: Command): void {
    const facts = this.#find(command.nsid ?? 0);
    if (facts === undefined || !isOfBlocks(facts)) throw foreign(command, facts);
    if (facts.shape !== undefined) requireBlockMemory(command, facts.shape);
  }

  /**
   * Asks the drive about a namespace, once, whoever else wants to know it meanwhile.
   *
   * @throws StatusError where the drive does not answer, unless it says that there is none
   */
  learn(nsid: number, send: Send): Promise<void> {
    const known = this.#asking.get(nsid);
    if (known) return known;
    const asked = this.#ask(nsid, send).finally(() => this.#asking.delete(nsid));
    this.#asking.set(nsid, asked);
    return asked;
  }

  /** Namespaces may be others now, or have other formats. */
  forget(): void {
    this.#changes++;
    this.#facts.clear();
    this.#lastNsid = 0;
    this.#last = NOTHING;
  }

  #find(nsid: number): NamespaceFacts | undefined {
    if (nsid === this.#lastNsid) return this.#last;
    const facts = nsid === 0 || nsid === ALL_NAMESPACES ? NOTHING : this.#facts.get(nsid);
    if (facts === undefined) return undefined;
    this.#lastNsid = nsid;
    return this.#last = facts;
  }

  async #ask(nsid: number, send: Send): Promise<void> {
    const changes = this.#changes;
    const { dma, owner } = this.#options;
    using data = allocateBuffer(dma, IDENTIFY_BYTES, owner);
    const facts = await this.#read(nsid, send, data);
    // What was found before a change may not be so any more: it is asked again.
    if (changes === this.#changes) this.#facts.set(nsid, facts);
  }

  async #read(nsid: number, send: Send, data: DataBuffer): Promise<NamespaceFacts> {
    let commandSet: number | undefined = COMMAND_SET.nvm;
    if (this.#options.manySets()) {
      if (!await this.#identify(namespaceDescriptors(nsid, data), send)) return NOTHING;
      const descriptors = decodeNamespaceDescriptors(data.bytes);
      commandSet = descriptors.find(({ nidt }) => nidt === NIDT.csi)?.nid[0];
      if (!OF_BLOCKS.has(commandSet)) return { commandSet, shape: undefined };
    }
    data.bytes.fill(0);
    if (!await this.#identify(identifyNamespace(nsid, data), send)) return NOTHING;
    return { commandSet, shape: blockShape(data.bytes.slice()) };
  }

  /** Whether there is such a namespace. */
  async #identify(command: OwnCommand, send: Send): Promise<boolean> {
    const answer = await send(command);
    if (answer.status === 0) return true;
    if ((answer.status & TYPE_AND_CODE) === NO_NAMESPACE) return false;
    throw await refused(this.#options.target, `learn about namespace ${command.nsid}`, answer);
  }
}

/** Nearly every namespace has the first set, and this is asked for each command. */
function isOfBlocks({ commandSet }: NamespaceFacts): boolean {
  return commandSet === COMMAND_SET.nvm || OF_BLOCKS.has(commandSet);
}

function foreign(command: Command, facts: NamespaceFacts | undefined): SafetyError {
  const { commandSet } = facts ?? {};
  const set = commandSet === undefined
    ? "no command set is known of the namespace"
    : `the namespace has the ${COMMAND_SET_NAMES[commandSet] ?? `command set ${commandSet}`}`;
  return new SafetyError(
    `Cannot send ${nameOf(command)}: ${set}, in which that opcode may mean something else`,
    { next: "our own driver sends I/O commands for blocks alone: use the kernel's driver" },
  );
}
