// One queue pair of a controller, as a connection has it: commands in, completions and data out.

import { toCount } from "../../../layout/mod.ts";
import type { SubmissionEntry } from "../../../spec/command.ts";
import { decodeSubmission } from "../../../spec/command.ts";
import { SQHD_NO_FLOW_CONTROL } from "../../../spec/fabrics/connect.ts";
import { ADMIN_COMMANDS, FABRICS_COMMANDS } from "../../../spec/opcode.ts";
import { GENERIC } from "../../../spec/status/generic.ts";
import { FATAL_ERROR } from "../../../tcp/pdu.ts";
import type { C2HDataFields, R2TFields, ResponseFields } from "../../../tcp/pdu_writer.ts";
import type { Pdu } from "../../../tcp/pdu_stream.ts";
import { PduViolation } from "../../../tcp/violation.ts";
import type { VirtualController } from "../../controller.ts";
import type { Result } from "../../pipeline/exchange.ts";
import type { Handler } from "../../pipeline/handler.ts";
import { statusField } from "../../pipeline/status_field.ts";
import { inDword, Refusal, type RefusalStatus } from "../../refusal.ts";
import type { Disconnect } from "../../tap/verdict.ts";
import type { Association, Member } from "./association.ts";
import { CommandPort } from "./command_port.ts";
import { connectRequest, type Seat } from "./connect.ts";
import { dataPointer } from "./data_pointer.ts";
import {
  CONNECT_DATA_BYTES,
  connectHandler,
  FABRICS_OPCODE,
  fabricsCommands,
} from "./fabrics_commands.ts";
import { type Transfer, Transfers } from "./transfers.ts";

/** What a queue needs of its connection. */
export interface Line extends Member {
  response(fields: ResponseFields): void;
  data(fields: C2HDataFields, data: Uint8Array): void;
  ask(fields: R2TFields): void;
  /** Everything that has been said so far may go out now. */
  flush(): void;
  /** Whether plug-ins want to see every response. */
  readonly watched: boolean;
  /** A queue has been created on this connection. */
  joined(queue: TcpQueue): void;
  /** The connection ends once everything has been sent. */
  finish(): void;
}

/** Lets hosts in. */
export interface Doorman {
  /** Finds a host's controller. Throws Refusal. */
  find(entry: SubmissionEntry, data: Uint8Array): Seat;
  /** Gives it to the host. Throws Refusal. */
  admit(seat: Seat, entry: SubmissionEntry, data: Uint8Array): Association;
}

/** Entries of a queue that no Connect has given a size yet. */
const UNCONNECTED_ENTRIES = 2;
const NO_QUEUE = -1;

/** What has no place on a fabric: its queues come from Connect [BASE-2.1 §3.1.3, Fig. 28]. */
const PROHIBITED: ReadonlySet<number> = new Set([
  ADMIN_COMMANDS.deleteIoSubmissionQueue.opcode,
  ADMIN_COMMANDS.createIoSubmissionQueue.opcode,
  ADMIN_COMMANDS.deleteIoCompletionQueue.opcode,
  ADMIN_COMMANDS.createIoCompletionQueue.opcode,
  ADMIN_COMMANDS.doorbellBufferConfig.opcode,
]);

const OUT_OF_TURN = new Refusal(GENERIC.sequenceError);
const NOT_HERE = new Refusal(GENERIC.invalidOpcode, { location: inDword(0) });
const DAMAGED = new Refusal(GENERIC.transientTransport);

/** A queue pair: before Connect nobody's, and good for nothing but Connect. */
export class TcpQueue {
  readonly transfers: Transfers;
  readonly #line: Line;
  readonly #doorman: Doorman;
  #association: Association | undefined;
  #fabrics: ((type: number) => Handler) | undefined;
  #qid = NO_QUEUE;
  #entries = UNCONNECTED_ENTRIES;
  #flowControl = true;
  #head = 0;
  #underway = 0;
  /** The Connect that is being looked at, and by whom. */
  #connecting: { readonly port: CommandPort; readonly controller: VirtualController } | undefined;

  constructor(line: Line, doorman: Doorman, incomingBytes: number) {
    this.#line = line;
    this.#doorman = doorman;
    this.transfers = new Transfers(incomingBytes, (question) => {
      line.ask(question);
      line.flush();
    });
  }

  /** Its identifier; -1 before Connect. */
  get qid(): number {
    return this.#qid;
  }

  /** The association that it belongs to, since Connect. */
  get association(): Association | undefined {
    return this.#association;
  }

  /** Commands that have not completed. */
  get underway(): number {
    return this.#underway;
  }

  /**
   * Takes a command capsule, whose entry is at `at` of `view`.
   *
   * @throws {PduViolation} for more commands than the queue has entries
   */
  command(view: DataView, at: number, { header, data, dataDigestBad }: Pdu): void {
    if (this.#underway >= this.#entries) {
      throw new PduViolation({
        fes: FATAL_ERROR.sequence,
        header,
        reason: `${this.#underway + 1} commands in a queue of ${this.#entries} entries`,
      });
    }
    this.#underway++;
    this.#head = (this.#head + 1) % this.#entries;
    const entry = decodeSubmission(view, at);
    const pointer = dataPointer(view, at, data);
    const fault = dataDigestBad ? DAMAGED : pointer.fault;
    const port = new CommandPort(this, entry.cid, pointer, fault);
    const association = this.#association;
    if (!association) return this.#stranger(entry, port);
    this.#submit(association, entry, port);
  }

  #submit(association: Association, entry: SubmissionEntry, port: CommandPort): void {
    const admin = this.#qid === 0;
    const queue = admin ? "admin" : "io";
    if (entry.opcode === FABRICS_OPCODE && this.#fabrics) {
      const type = entry.nsid & 0xff;
      port.survives = type === FABRICS_COMMANDS.propertySet.opcode;
      port.isDisconnect = type === FABRICS_COMMANDS.disconnect.opcode;
      const handler = this.#fabrics(type);
      association.controller.submit({ queue, sqid: this.#qid, entry, port, handler });
      return;
    }
    if (!association.accepting) port.fault ??= OUT_OF_TURN;
    else if (admin && PROHIBITED.has(entry.opcode)) port.fault ??= NOT_HERE;
    association.controller.submit({ queue, sqid: this.#qid, entry, port });
  }

  /** Asks the host for a command's data. */
  ask(transfer: Transfer): void {
    this.transfers.start(transfer);
  }

  /** Data did not arrive as it was sent: the command fails, the connection goes on. */
  spoiled(port: CommandPort): void {
    const { controller } = this.#association ?? {};
    const exchange = controller?.outstanding.find(this.#qid, port.cid);
    if (controller && exchange) controller.outstanding.finish(exchange, GENERIC.transientTransport);
    else this.#refuse(port, GENERIC.transientTransport);
  }

  /** Whether a C2HData PDU may stand for the response too [TCP-1.1 §3.3.2.1]. */
  get omitsResponses(): boolean {
    return !this.#flowControl && !this.#line.watched;
  }

  /** Sends a command's data. */
  send(cid: number, data: Uint8Array, success = false): void {
    this.#line.data({ cccid: cid, datao: 0, last: true, success }, data);
  }

  /** A command is over: its completion, as often as a plug-in wants it. */
  respond(port: CommandPort, result: Result): void {
    this.#underway--;
    const { status, dw0, dw1, cid = port.cid, copies = 1 } = result;
    const sqid = result.sqid ?? Math.max(0, this.#qid);
    const sqhd = port.isConnect && !this.#flowControl
      ? SQHD_NO_FLOW_CONTROL
      : this.#flowControl
      ? this.#head
      : 0;
    for (let copy = 0; copy < copies; copy++) {
      this.#line.response({ dw0, dw1, sqhd, sqid, cid, status });
    }
    this.#line.flush();
    this.#settle(port, status);
  }

  /** A command whose data said that it succeeded. */
  completed(): void {
    this.#underway--;
    this.#line.flush();
  }

  /** A command is gone without a completion. */
  dropped(): void {
    this.#underway--;
  }

  /** Ends the connection, because a plug-in wants it. */
  end(how: Omit<Disconnect, "kind">): void {
    this.#line.end(how);
  }

  /** The connection is gone. */
  leave(): void {
    const connecting = this.#connecting;
    this.#connecting = undefined;
    connecting?.controller.abandon(connecting.port);
    const association = this.#association;
    this.#association = undefined;
    association?.leave(this.#qid, this.#line);
  }

  /** What follows from the end of some commands. */
  #settle(port: CommandPort, status: number): void {
    if (port.isConnect) {
      this.#connecting = undefined;
      // A plug-in may have made a failure of it.
      if (status !== 0 && this.#association) this.#line.finish();
      return;
    }
    if (this.#qid === 0) this.#association?.watch();
    else if (port.isDisconnect && status === 0) this.#line.finish();
  }

  /** A command of somebody who has not connected [BASE-2.1 §3.3.2.1]. */
  #stranger(entry: SubmissionEntry, port: CommandPort): void {
    const type = entry.nsid & 0xff;
    const isConnect = entry.opcode === FABRICS_OPCODE && type === FABRICS_COMMANDS.connect.opcode;
    if (!isConnect || this.#connecting) {
      return this.#refuse(port, GENERIC.sequenceError);
    }
    if (port.fault) return this.#refuse(port, port.fault.status);
    if (port.hostBytes < CONNECT_DATA_BYTES) return this.#refuse(port, GENERIC.sglDataLength);
    port.receive({ data: CONNECT_DATA_BYTES, metadata: 0 }, ({ data }) => {
      this.#connect(entry, port, data);
    });
  }

  #connect(entry: SubmissionEntry, port: CommandPort, data: Uint8Array): void {
    port.isConnect = true;
    let seat: Seat;
    try {
      seat = this.#doorman.find(entry, data);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      // There is no controller that the command could be one of.
      return this.#refuse(port, error.status, error.blame.dw0);
    }
    port.provide(data);
    this.#connecting = { port, controller: seat.controller };
    const { qid } = connectRequest(entry, data).fields;
    seat.controller.submit({
      queue: qid === 0 ? "admin" : "io",
      sqid: qid,
      entry,
      port,
      handler: connectHandler((command, received) => this.#admit(command, received)),
    });
  }

  /** Creates the queue. */
  #admit(entry: SubmissionEntry, data: Uint8Array): Association {
    const { fields } = connectRequest(entry, data);
    const association = this.#doorman.admit(this.#doorman.find(entry, data), entry, data);
    this.#association = association;
    this.#fabrics = fabricsCommands(association, fields.qid);
    this.#qid = fields.qid;
    this.#entries = toCount(fields.sqsize);
    this.#flowControl = !fields.cattr.dissqfc;
    this.#head = 1;
    association.join(fields.qid, this.#line);
    this.#line.joined(this);
    return association;
  }

  /** Refuses a command that reaches no controller. */
  #refuse(port: CommandPort, status: RefusalStatus, dw0 = 0): void {
    port.post({ status: statusField(status, true), dw0, dw1: 0 });
  }
}
