// A virtual drive: a personality, a memory and the pipeline that its commands go through.

import type { Machine, OutstandingCommands } from "./machine.ts";
import { abortSelfTest, SELF_TEST, SELF_TEST_RESULT } from "./model/self_test.ts";
import { settle } from "./model/settle.ts";
import { NamespaceStore } from "./namespace.ts";
import type { Personality } from "./personality.ts";
import type { Port, Submission } from "./pipeline/exchange.ts";
import { Pipeline } from "./pipeline/pipeline.ts";
import { type DriveState, initialState } from "./state.ts";
import { COMMAND_TABLES } from "./tables.ts";

/** What a drive is made of. */
export interface DriveOptions {
  readonly personality: Personality;
  /** The clock: milliseconds since 1970. Says when self-tests end and how old the drive is. */
  readonly now: () => number;
  /** Seed of the drive's randomness; the same one gives the same drive. */
  readonly seed: number;
  /** The memory of an earlier drive of the same personality, which goes on from there. */
  readonly state?: DriveState;
}

/**
 * One controller with its namespaces. It does nothing by itself and knows no queues: faces bring
 * commands, several of them if need be, and the drive answers through their ports. Its memory is
 * `state`; what the namespaces store is apart from it.
 */
export class VirtualDrive implements Machine {
  readonly personality: Personality;
  readonly state: DriveState;
  readonly namespaces: NamespaceStore;
  readonly now: () => number;
  readonly #pipeline: Pipeline;
  readonly #lastCid = new Map<number, number>();

  constructor({ personality, now, seed, state }: DriveOptions) {
    this.personality = personality;
    this.now = now;
    this.state = state ?? initialState(personality, { now: now(), seed });
    this.namespaces = new NamespaceStore(this.state, personality);
    this.#pipeline = new Pipeline(this, COMMAND_TABLES);
  }

  get outstanding(): OutstandingCommands {
    return this.#pipeline;
  }

  /** Starts a command; its port hears how it ends, usually before this returns. */
  submit(submission: Submission): void {
    this.#pipeline.submit(submission);
  }

  /** A command identifier that no command of the queue is using, for faces without queues. */
  freeCid(sqid: number): number {
    let cid = this.#lastCid.get(sqid) ?? 0;
    do cid = (cid + 1) % 0xffff; while (this.#pipeline.find(sqid, cid));
    this.#lastCid.set(sqid, cid);
    return cid;
  }

  /** Forgets a command that nobody waits for any more. */
  abandon(port: Port): void {
    this.#pipeline.drop((exchange) => exchange.port === port);
  }

  /**
   * A Controller Level Reset [BASE-2.1 §3.7.2]: outstanding commands are gone, features have their
   * saved values, a short self-test is aborted. An extended one goes on [BASE-2.1 §8.1.7].
   */
  reset(): void {
    settle(this);
    this.#pipeline.drop();
    if (this.state.selfTest?.code === SELF_TEST.short) {
      abortSelfTest(this, SELF_TEST_RESULT.abortedByReset);
    }
    const { state } = this;
    state.features = { ...state.savedFeatures };
    state.timestamp = { value: 0, setAt: this.now(), origin: 0 };
    state.hostBehavior = {};
    state.announcedWarnings = 0;
    state.announcedNamespaces = false;
    state.maskedEvents = [];
  }
}
