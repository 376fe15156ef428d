// A trace: every command and completion of a transport as plain events, given to a sink that
// writes them down. A trace never changes what a command does, nor whether it is sent.

import { ADMIN_COMMANDS } from "../spec/opcode.ts";
import { registerAt } from "../spec/registers.ts";
import type {
  Command,
  Completion,
  Layer,
  Queue,
  RegisterAccess,
  RegisterUse,
} from "../transport/transport.ts";

/** What every event has. */
interface EventBase {
  /** The event's number in the trace. */
  readonly index: number;
  /** Nanoseconds since 1970-01-01 UTC, or since whatever else the trace's clock counts from. */
  readonly timeNs: bigint;
  /** The drive: `/dev/nvme0`, `00:06.0`. Text from outside: make it harmless before showing it. */
  readonly device: string;
  /** Remarks that are not part of the exchange: what was withheld, what a plug-in decided. */
  readonly notes?: readonly string[];
}

/** A command as the drive sees it, without the memory that it moves. */
export interface TracedCommand extends Omit<Command, "data" | "metadata" | "timeoutMs"> {
  /** Bytes of data, in the direction of `direction`; absent where only its PRPs point at them. */
  readonly dataLength?: number;
  /** Bytes of metadata in a buffer of its own. */
  readonly metadataLength: number;
}

/** What belongs to one command. */
interface CommandBase extends EventBase {
  /** The submission queue: 0 is the admin queue. */
  readonly sqid: number;
  /** The command identifier; one of the trace's own where the transport does not know it. */
  readonly cid: number;
  readonly command: TracedCommand;
}

/** A command goes out. */
export interface CommandEvent extends CommandBase {
  readonly kind: "command";
  /** What goes to the drive, where data does. The event's own copy. */
  readonly data?: Uint8Array;
  /** The PRP entries, where the transport has them. */
  readonly prps?: { readonly prp1: bigint; readonly prp2: bigint };
}

/**
 * Data of a command has arrived at the drive, later than the command itself: what a trace taken
 * inside the drive has. It is part of the command's event, whose number it bears.
 */
export interface DataEvent extends CommandBase {
  readonly kind: "data";
  /** What went to the drive. The event's own copy. */
  readonly data: Uint8Array;
}

/** A completion has come back. */
export interface CompletionEvent extends CommandBase {
  readonly kind: "completion";
  readonly completion: Completion;
  /** What came from the drive; absent when it refused the command. The event's own copy. */
  readonly data?: Uint8Array;
  /** The phase tag, where the transport has a completion queue. */
  readonly phase?: 0 | 1;
  /** The identifiers that the entry carries, where they are not the command's: a faulty one. */
  readonly posted?: { readonly sqid: number; readonly cid: number };
  /** When the command went out. */
  readonly issuedNs: bigint;
}

/** A command got no answer. */
export interface FailureEvent extends CommandBase {
  readonly kind: "failure";
  readonly error: { readonly name: string; readonly message: string };
  /** When the command went out. */
  readonly issuedNs: bigint;
}

/** A controller register was read or written. */
export interface RegisterEvent extends EventBase, RegisterUse {
  readonly kind: "register";
  /** A Fabrics command made the access, and is in the trace itself. */
  readonly byCommand?: boolean;
}

/** Everything that a trace can hold. */
export type TraceEvent =
  | CommandEvent
  | DataEvent
  | CompletionEvent
  | FailureEvent
  | RegisterEvent;

/** Where a trace goes. Called in the order of the events. */
export interface TraceSink {
  command(event: CommandEvent): void;
  /** Told of data that comes after its command, where a sink has a use for it. */
  data?(event: DataEvent): void;
  completion(event: CompletionEvent | FailureEvent): void;
  register(event: RegisterEvent): void;
}

/** How a trace is taken. */
export interface TraceOptions {
  /** The drive's name in the events: `transport.target`. */
  readonly device: string;
  /** Now, in nanoseconds. */
  clock(): bigint;
  /** Told once when the sink throws; the trace ends there, the commands go on. */
  failed(error: unknown): void;
  /** Gives the next event's number; share one among transports that share a sink. */
  readonly nextIndex?: () => number;
}

/** The only I/O queue of a transport that does not tell its queues apart. */
const IO_SQID = 1;

/**
 * Command identifiers run from 0 to this and start over. FFFFh means "no command" in the error log
 * [BASE-2.1 §4.1], FFFEh is left for what a sink adds of its own.
 */
const CID_MAX = 0xfffd;

const SECURITY_OPCODES: ReadonlySet<number> = new Set([
  ADMIN_COMMANDS.securitySend.opcode,
  ADMIN_COMMANDS.securityReceive.opcode,
]);

/** Numbers from 0 upwards. */
export function counter(): () => number {
  let next = 0;
  return () => next++;
}

/** What our own driver sends without being asked. */
const DRIVERS_OWN = "by the driver itself";

/**
 * A transport layer that gives `sink` every command and its answer, and what registers read as. Of
 * a driver of our own it gives what stands in the queues, and what the driver does by itself.
 */
export function tracing(sink: TraceSink, options: TraceOptions): Layer {
  const emit = emitter(options);
  const cids: Readonly<Record<Queue, () => number>> = { admin: counter(), io: counter() };
  const register = (use: RegisterUse): void => {
    const name = registerName(use);
    const notes = name === undefined ? {} : { notes: [name] };
    emit((base) => sink.register({ ...base, kind: "register", ...use, ...notes }));
  };
  return {
    async submit(command, next) {
      const sqid = command.queue === "admin" ? 0 : IO_SQID;
      const cid = cids[command.queue]() % (CID_MAX + 1);
      const end = beginning(sink, emit, command, { sqid, cid });
      let completion: Completion;
      try {
        completion = await next(command);
      } catch (error) {
        end.failed(error);
        throw error;
      }
      end.completed(completion);
      return completion;
    },
    registers: (access) => observedReads(access, (read) => register({ access: "read", ...read })),
    watch: {
      posted(command, { sqid, cid, prp1, prp2, origin }) {
        const notes = origin === "driver" ? [DRIVERS_OWN] : [];
        return beginning(sink, emit, command, { sqid, cid, prps: { prp1, prp2 }, notes });
      },
      register,
    },
  };
}

/** `CC`, or `ASQ, upper half` for the second dword of a register that is accessed by halves. */
function registerName({ offset, width }: RegisterUse): string | undefined {
  const whole = registerAt(offset);
  if (whole !== undefined) return whole.name;
  const halved = width === 4 ? registerAt(offset - 4) : undefined;
  return halved?.width === 8 ? `${halved.name}, upper half` : undefined;
}

/** What hears how a command ends; only queues have a phase tag. */
interface End {
  completed(completion: Completion, phase?: 0 | 1): void;
  failed(error: unknown): void;
}

/** Numbers and times an event and has it written; when it was, in nanoseconds. */
type Emit = (write: (base: EventBase) => void) => bigint;

function emitter({ device, clock, nextIndex = counter(), failed }: TraceOptions): Emit {
  let ended = false;
  return (write) => {
    const timeNs = clock();
    if (ended) return timeNs;
    try {
      write({ index: nextIndex(), timeNs, device });
    } catch (error) {
      ended = true;
      failed(error);
    }
    return timeNs;
  };
}

/** A command goes out; what is returned writes down how it ends. */
function beginning(
  sink: TraceSink,
  emit: Emit,
  command: Command,
  place: Pick<CommandEvent, "sqid" | "cid" | "prps" | "notes">,
): End {
  const { sqid, cid, prps, notes = [] } = place;
  const own = { sqid, cid, command: tracedCommand(command) };
  const issuedNs = emit((base) => {
    const sent = payload(command, "out");
    const all = [...notes, ...sent.notes ?? []];
    sink.command({
      ...base,
      ...own,
      kind: "command",
      ...sent,
      ...(prps ? { prps } : {}),
      ...(all.length > 0 ? { notes: all } : {}),
    });
  });
  return {
    completed(completion, phase) {
      emit((base) => {
        const ended = { ...base, ...own, kind: "completion" as const, issuedNs, completion };
        const data = completion.status === 0 ? payload(command, "in") : {};
        sink.completion({ ...ended, ...(phase === undefined ? {} : { phase }), ...data });
      });
    },
    failed(error) {
      const described = describeError(error);
      emit((base) =>
        sink.completion({ ...base, ...own, kind: "failure", issuedNs, error: described })
      );
    },
  };
}

/** The access, and whoever hears what was read. */
function observedReads(
  access: RegisterAccess,
  heard: (read: Pick<RegisterEvent, "offset" | "width" | "value">) => void,
): RegisterAccess {
  return {
    model: access.model,
    async read(offset, width) {
      const value = await access.read(offset, width);
      if (value !== undefined) heard({ offset, width, value });
      return value;
    },
  };
}

const NUMBERS = [
  "flags",
  "nsid",
  "cdw2",
  "cdw3",
  "cdw10",
  "cdw11",
  "cdw12",
  "cdw13",
  "cdw14",
  "cdw15",
] as const;

/** The command as the controller sees it: a dword that is negative here is unsigned there. */
function tracedCommand(command: Command): TracedCommand {
  const numbers: Partial<Record<typeof NUMBERS[number], number>> = {};
  for (const name of NUMBERS) {
    const value = command[name];
    if (value !== undefined) numbers[name] = value >>> 0;
  }
  return {
    queue: command.queue,
    opcode: command.opcode,
    ...numbers,
    direction: command.direction ?? "none",
    dataLength: command.data?.bytes.length ?? 0,
    metadataLength: command.metadata?.bytes.length ?? 0,
  };
}

/** The command's data if it goes `wanted`, copied: the buffer does not outlive the call. */
function payload(
  { queue, opcode, direction, data }: Command,
  wanted: "in" | "out",
): Pick<CommandEvent, "data" | "notes"> {
  return data && direction === wanted ? tracedPayload(queue, opcode, data.bytes) : {};
}

/**
 * A command's data as a trace shows it, copied. Security Send and Security Receive carry passwords,
 * and traces get attached to bug reports: what they carry stays out.
 */
export function tracedPayload(
  queue: Queue,
  opcode: number,
  data: Uint8Array,
): { readonly data: Uint8Array; readonly notes?: readonly string[] } {
  return queue === "admin" && SECURITY_OPCODES.has(opcode)
    ? { data: new Uint8Array(data.length), notes: ["payload withheld, zeros instead"] }
    : { data: data.slice() };
}

function describeError(error: unknown): FailureEvent["error"] {
  return error instanceof Error
    ? { name: error.name, message: error.message }
    : { name: "Error", message: String(error) };
}
