// The features whose value is one word, apart from temperature thresholds.

import { GENERIC } from "../../spec/status/generic.ts";
import { has } from "../personality.ts";
import { inDword, refuse } from "../refusal.ts";
import type { WordFeature } from "./feature.ts";

/** What a feature does with command dword 11 when nothing is special about it. */
const controllerWord = {
  kind: "word",
  scope: "controller",
  saveable: true,
  initial: () => 0,
} as const;

/** Arbitration [BASE-2.1 §5.1.25.1.1]. */
const Arbitration: WordFeature = {
  ...controllerWord,
  fid: 0x01,
  accept: (_machine, cdw11) => (cdw11 & 0xffffff07) >>> 0,
};

/** Power Management [BASE-2.1 §5.1.25.1.2]. */
const PowerManagement: WordFeature = {
  ...controllerWord,
  fid: 0x02,
  accept({ personality }, cdw11) {
    if ((cdw11 & 0x1f) >= personality.powerStates.length) {
      refuse(GENERIC.invalidField, { location: inDword(11) });
    }
    return cdw11 & 0xff;
  },
};

/** Error Recovery [NVM-1.1 §4.1.3.2]. */
export const ErrorRecovery: WordFeature = {
  ...controllerWord,
  fid: 0x05,
  scope: "namespace",
  accept: (_machine, cdw11) => cdw11 & 0x1ffff,
};

/** The bit of Error Recovery that makes reading a deallocated block an error. */
export const DULBE = 0x10000;

/** Volatile Write Cache [BASE-2.1 §5.1.25.1.4]. */
export const VolatileWriteCache: WordFeature = {
  ...controllerWord,
  fid: 0x06,
  supported: ({ writeCache }) => writeCache,
  initial: () => 1,
  accept({ drive }, cdw11) {
    // What waits in a cache that is turned off is written [BASE-2.1 §5.1.25.1.4].
    if ((cdw11 & 1) === 0) drive.store.flush();
    return cdw11 & 1;
  },
};

/** Number of Queues [BASE-2.1 §5.1.25.2.1]: the drive gives what is asked for, or all it has. */
export const NumberOfQueues: WordFeature = {
  ...controllerWord,
  fid: 0x07,
  saveable: false,
  answers: true,
  initial: ({ limits }) => queueCounts(limits.queues - 1, limits.queues - 1),
  accept({ personality, hasIoQueues }, cdw11) {
    // What the queues were made for is not changed under them.
    if (hasIoQueues) refuse(GENERIC.sequenceError);
    const submission = cdw11 & 0xffff;
    const completion = cdw11 >>> 16;
    if (submission === 0xffff) refuse(GENERIC.invalidField, { location: inDword(11) });
    if (completion === 0xffff) refuse(GENERIC.invalidField, { location: inDword(11, 16) });
    const most = personality.limits.queues - 1;
    return queueCounts(Math.min(submission, most), Math.min(completion, most));
  },
};

/** Both counts in one word, 0's based: completion queues above submission queues. */
function queueCounts(submission: number, completion: number): number {
  return ((completion << 16) | submission) >>> 0;
}

/** Interrupt Coalescing [BASE-2.1 §5.1.25.2.2]. */
const InterruptCoalescing: WordFeature = {
  ...controllerWord,
  fid: 0x08,
  accept: (_machine, cdw11) => cdw11 & 0xffff,
};

/** Write Atomicity Normal [NVM-1.1 §4.1.3.3]. */
const WriteAtomicity: WordFeature = {
  ...controllerWord,
  fid: 0x0a,
  accept: (_machine, cdw11) => cdw11 & 1,
};

/** Milliseconds in one unit of Keep Alive Support, the granularity of the timer. */
export const KEEP_ALIVE_GRANULARITY_MS = 1000;

/** Keep Alive Timer [BASE-2.1 §5.1.25.1.8]: rounded up to what the drive can time. */
const KeepAliveTimer: WordFeature = {
  ...controllerWord,
  fid: 0x0f,
  saveable: false,
  supported: (personality) => has(personality, "keep-alive"),
  accept({ drive: { fabrics } }, cdw11) {
    // Whoever talks over a fabric has to let itself be heard of.
    if (cdw11 === 0 && fabrics && !fabrics.discovery) {
      refuse(GENERIC.keepAliveInvalid, { location: inDword(11) });
    }
    const rounded = Math.ceil(cdw11 / KEEP_ALIVE_GRANULARITY_MS) * KEEP_ALIVE_GRANULARITY_MS;
    return Math.min(rounded, 0xffffffff);
  },
};

/** All of them. */
export const WORD_FEATURES: readonly WordFeature[] = [
  Arbitration,
  PowerManagement,
  ErrorRecovery,
  VolatileWriteCache,
  NumberOfQueues,
  InterruptCoalescing,
  WriteAtomicity,
  KeepAliveTimer,
];
