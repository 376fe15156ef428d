// The protocol between the host and serve.sh in the guest: a line, then as many bytes as it says.

/** A script for the guest. */
export interface Request {
  readonly id: number;
  /** A user's name in the guest. */
  readonly user: string;
  readonly timeoutMs: number;
  readonly script: string;
  readonly stdin: Uint8Array;
}

/** The end of a script in the guest. */
export interface Answer {
  readonly id: number;
  /** Whether the script ended by itself, or was killed since its time was over. */
  readonly how: "exit" | "timeout";
  /** The exit status, 128 + the signal's number after a signal. */
  readonly code: number;
  readonly stdout: Uint8Array<ArrayBuffer>;
  readonly stderr: Uint8Array<ArrayBuffer>;
}

/** The first line of an answer, before its bytes. */
export interface AnswerLine {
  readonly id: number;
  readonly how: "exit" | "timeout";
  readonly code: number;
  readonly stdoutBytes: number;
  readonly stderrBytes: number;
}

/** The guest sent something else than an answer, or stopped in the middle of one. */
export class ProtocolError extends Error {
  override readonly name = "ProtocolError";
}

const ANSWER = /^done (\d+) (exit|timeout) (\d+) (\d+) (\d+)$/;
const READY = /^ready (\S+)$/;

/** The bytes of a request; its time limit is rounded up to seconds. */
export function encodeRequest(request: Request): Uint8Array<ArrayBuffer> {
  if (!/^[a-z_][a-z0-9_-]*$/.test(request.user)) {
    throw new RangeError(`Cannot run as user "${request.user}": not a user's name`);
  }
  const script = new TextEncoder().encode(request.script);
  const seconds = Math.max(1, Math.ceil(request.timeoutMs / 1000));
  const line = new TextEncoder().encode(
    `run ${request.id} ${request.user} ${seconds} ${script.length} ${request.stdin.length}\n`,
  );
  const bytes = new Uint8Array(line.length + script.length + request.stdin.length);
  bytes.set(line);
  bytes.set(script, line.length);
  bytes.set(request.stdin, line.length + script.length);
  return bytes;
}

/** @throws {ProtocolError} when the line is not the first of an answer */
export function parseAnswerLine(line: string): AnswerLine {
  const [, id, how, code, stdoutBytes, stderrBytes] = ANSWER.exec(line) ?? [];
  if (how !== "exit" && how !== "timeout") {
    throw new ProtocolError(`Cannot read the guest's answer: it says "${line}"`);
  }
  return {
    id: Number(id),
    how,
    code: Number(code),
    stdoutBytes: Number(stdoutBytes),
    stderrBytes: Number(stderrBytes),
  };
}

/** The kernel release that the guest's greeting names. @throws {ProtocolError} when it is none */
export function parseReadyLine(line: string): string {
  const release = READY.exec(line)?.[1];
  if (release === undefined) {
    throw new ProtocolError(`Cannot read the guest's greeting: it says "${line}"`);
  }
  return release;
}

/** Reads one whole answer. */
export async function readAnswer(reader: ByteReader): Promise<Answer> {
  const { stdoutBytes, stderrBytes, ...line } = parseAnswerLine(await reader.line());
  const stdout = await reader.bytes(stdoutBytes);
  return { ...line, stdout, stderr: await reader.bytes(stderrBytes) };
}

/** Cuts a stream into lines and counted bytes. */
export class ByteReader {
  readonly #source: { read(into: Uint8Array): Promise<number | null> };
  readonly #buffer = new Uint8Array(64 * 1024);
  #unread = this.#buffer.subarray(0, 0);

  constructor(source: { read(into: Uint8Array): Promise<number | null> }) {
    this.#source = source;
  }

  /** The text before the next newline, which is taken too. */
  async line(): Promise<string> {
    let text = "";
    const decoder = new TextDecoder();
    for (;;) {
      const end = this.#unread.indexOf(0x0a);
      if (end >= 0) {
        text += decoder.decode(this.#unread.subarray(0, end));
        this.#unread = this.#unread.subarray(end + 1);
        return text;
      }
      text += decoder.decode(this.#unread, { stream: true });
      await this.#fill();
    }
  }

  /** Exactly `count` bytes. */
  async bytes(count: number): Promise<Uint8Array<ArrayBuffer>> {
    const result = new Uint8Array(count);
    for (let next = 0; next < count;) {
      if (this.#unread.length === 0) await this.#fill();
      const part = this.#unread.subarray(0, count - next);
      result.set(part, next);
      next += part.length;
      this.#unread = this.#unread.subarray(part.length);
    }
    return result;
  }

  async #fill(): Promise<void> {
    const count = await this.#source.read(this.#buffer);
    if (count === null) throw new ProtocolError("Cannot read from the guest: the stream has ended");
    this.#unread = this.#buffer.subarray(0, count);
  }
}
