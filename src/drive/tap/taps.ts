// Who is attached where: plug-ins attach callbacks to taps and detach them while the drive runs.

import { findTap, type TapInfo, type TapName, TAPS } from "./names.ts";
import { describeThrown, isThenable } from "./describe.ts";
import type { TapCallback, TapContext } from "./verdict.ts";

/** How a callback is attached. */
export interface AttachOptions {
  /** Whose callback it is; all of a plug-in's callbacks go together when it misbehaves. */
  readonly plugin?: string;
  /** Lower ones are asked first; those of the same priority in the order of their attachment. */
  readonly priority?: number;
  /** Wants data from the host before the data stage, at command taps. */
  readonly data?: boolean;
  /** How long a promise of the callback may take before the plug-in is detached. */
  readonly budgetMs?: number;
  /** Tells a plug-in from an earlier one of the same name. */
  readonly owner?: object;
  /** Told whenever the callback has changed how something goes. */
  readonly struck?: () => void;
}

/** One callback at one tap. */
export interface Attachment {
  readonly tap: TapName;
  readonly callback: TapCallback;
  readonly plugin: string;
  readonly priority: number;
  readonly data: boolean;
  readonly budgetMs: number;
  readonly owner: object | undefined;
  readonly struck: (() => void) | undefined;
}

/** What happened at a tap since something was first attached to it. */
export interface TapStatistics {
  fired: number;
  /** Verdicts other than continue, by kind. */
  readonly verdicts: Record<string, number>;
}

/** Something that the operator should know of a plug-in. */
export interface TapReport {
  readonly plugin: string;
  /** Left out where it misbehaved at no tap. */
  readonly tap?: TapName;
  readonly message: string;
}

const DEFAULT_BUDGET_MS = 5000;
/** Reports kept for those who ask later. */
const REPORTS_KEPT = 100;

/**
 * The taps of one drive. A tap that nobody is attached to is `undefined` in `armed`: asking is one
 * property read, and nothing else happens.
 */
export class Taps {
  /** The callbacks of each tap in the order in which they are asked. */
  readonly armed: Partial<Record<TapName, readonly Attachment[]>> = Object.create(null);
  /** Told of plug-ins that were detached because they misbehaved. */
  onReport: ((report: TapReport) => void) | undefined;
  /** Told after a plug-in was detached because it misbehaved, so that it can be torn down. */
  onFault: ((plugin: string, owner: object | undefined) => void) | undefined;
  readonly #live = new Set<Attachment>();
  readonly #statistics = new Map<TapName, TapStatistics>();
  readonly #reports: TapReport[] = [];

  /**
   * Attaches a callback; the function that comes back detaches it again.
   *
   * @throws RangeError for a name that is no tap
   */
  attach(name: string, callback: TapCallback, options: AttachOptions = {}): () => void {
    const info = infoOf(name);
    const attachment: Attachment = {
      tap: info.name,
      callback,
      plugin: options.plugin ?? "unnamed",
      priority: options.priority ?? 0,
      data: options.data ?? false,
      budgetMs: options.budgetMs ?? DEFAULT_BUDGET_MS,
      owner: options.owner,
      struck: options.struck,
    };
    this.#live.add(attachment);
    const others = this.armed[info.name] ?? [];
    // A stable sort: equal priorities keep the order of attachment.
    this.armed[info.name] = [...others, attachment].toSorted((one, other) =>
      one.priority - other.priority
    );
    if (!this.#statistics.has(info.name)) {
      this.#statistics.set(info.name, { fired: 0, verdicts: {} });
    }
    return () => void this.#remove(info.name, (other) => other === attachment);
  }

  /** Whether an attachment is there still. */
  has(attachment: Attachment): boolean {
    return this.#live.has(attachment);
  }

  /** Detaches what is attached to a tap: everything, or a plug-in's callbacks; how many. */
  detach(name: string, plugin?: string): number {
    const info = infoOf(name);
    return this.#remove(info.name, (other) => plugin === undefined || other.plugin === plugin);
  }

  /** Detaches all callbacks of a plug-in. */
  detachPlugin(plugin: string): void {
    for (const { name } of TAPS) this.#remove(name, (other) => other.plugin === plugin);
  }

  /**
   * Detaches a plug-in that misbehaved at a tap, and says so. Nothing happens where that plug-in is
   * gone already; another one of its name stays.
   */
  fault({ plugin, tap, owner }: Attachment, message: string): void {
    const its = (other: Attachment): boolean => other.plugin === plugin && other.owner === owner;
    if (!this.#live.values().some(its)) return;
    for (const { name } of TAPS) this.#remove(name, its);
    this.report({ plugin, tap, message });
    this.onFault?.(plugin, owner);
  }

  /** Keeps a report, and passes it on. */
  report(report: TapReport): void {
    this.#reports.push(report);
    if (this.#reports.length > REPORTS_KEPT) this.#reports.shift();
    this.onReport?.(report);
  }

  /** The newest reports, oldest first. */
  get reports(): readonly TapReport[] {
    return this.#reports;
  }

  /** What happened at the taps that something is or was attached to. */
  get statistics(): ReadonlyMap<TapName, TapStatistics> {
    return this.#statistics;
  }

  /** Counts a callback's verdict; `vain` is one that leaves everything as it is. */
  count({ tap, struck }: Attachment, kind: string, { vain = kind === "continue" } = {}): void {
    if (!vain) struck?.();
    const statistics = this.#statistics.get(tap);
    if (!statistics) return;
    statistics.fired++;
    if (kind !== "continue") statistics.verdicts[kind] = (statistics.verdicts[kind] ?? 0) + 1;
  }

  /** Tells whoever is attached that something happened; their verdicts do not count. */
  notify(name: TapName, describe: () => TapContext): void {
    const attachments = this.armed[name];
    if (!attachments) return;
    const context = describe();
    for (const attachment of attachments) {
      if (!this.has(attachment)) continue;
      this.count(attachment, "continue");
      this.call(attachment, context);
    }
  }

  /** Calls a callback that must answer at once; one that throws or promises is detached. */
  call(attachment: Attachment, context: TapContext): unknown {
    try {
      const verdict = attachment.callback(context);
      if (!isThenable(verdict)) return verdict;
      Promise.resolve(verdict).catch(() => {});
      this.fault(attachment, `promised an answer at ${attachment.tap}, which needs one at once`);
    } catch (error) {
      this.fault(attachment, `threw ${describeThrown(error)}`);
    }
    return undefined;
  }

  #remove(name: TapName, which: (attachment: Attachment) => boolean): number {
    const before = this.armed[name];
    if (!before) return 0;
    const rest = before.filter((attachment) => !which(attachment));
    for (const attachment of before) if (which(attachment)) this.#live.delete(attachment);
    if (rest.length > 0) this.armed[name] = rest;
    else delete this.armed[name];
    return before.length - rest.length;
  }
}

function infoOf(name: string): TapInfo<TapName> {
  const info = findTap(name);
  if (info) return info;
  throw new RangeError(`Cannot attach to ${name}: there is no tap of that name`);
}
