// The small initiator over a real TCP connection.

import type { TcpConnection } from "../../src/drive/face/tcp/connection.ts";
import type { Socket } from "../../src/drive/face/tcp/socket.ts";
import { TcpHost } from "./tcp_host.ts";

/** A host that reached a port of this machine. */
export interface Dialled extends AsyncDisposable {
  readonly host: TcpHost;
  /** Settles when the other side has closed the connection. */
  readonly ended: Promise<void>;
  /** Settles when the ICResp is there. */
  initialize(terms?: Parameters<TcpHost["initialize"]>[0]): Promise<void>;
}

/** Connects to a port of this machine. */
export async function dialTcp(port: number): Promise<Dialled> {
  const stream = await Deno.connect({ hostname: "127.0.0.1", port });
  let sending: Promise<unknown> = Promise.resolve();
  let far: Socket | undefined;
  const send = async (bytes: Uint8Array): Promise<void> => {
    for (let sent = 0; sent < bytes.length;) sent += await stream.write(bytes.subarray(sent));
  };
  const host = new TcpHost({
    accept(socket) {
      far = socket;
      // All that a host does with its connection is to send.
      return {
        receive(bytes: Uint8Array) {
          const copy = bytes.slice();
          sending = sending.then(() => send(copy)).catch(() => {});
        },
      } as unknown as TcpConnection;
    },
  });
  const heard: (() => void)[] = [];
  const receive = async (): Promise<void> => {
    const memory = new Uint8Array(100_000);
    try {
      for (;;) {
        const count = await stream.read(memory);
        if (count === null) return;
        far?.write([memory.subarray(0, count)]);
        for (const wake of heard.splice(0)) wake();
      }
    } catch (error) {
      const { ConnectionReset, BadResource, Interrupted } = Deno.errors;
      const expected = [ConnectionReset, BadResource, Interrupted];
      if (!expected.some((kind) => error instanceof kind)) throw error;
    }
  };
  const ended = receive();
  return {
    host,
    ended,
    async initialize(terms = {}) {
      const { headerDigest = false, dataDigest = false, alignment = 4 } = terms;
      host.initialize(terms);
      while (host.maxh2cdata === 0) await new Promise<void>((resolve) => heard.push(resolve));
      host.reader.framing = { headerDigest, dataDigest, alignment };
      host.writer.framing = { headerDigest, dataDigest, alignment: 4 };
    },
    async [Symbol.asyncDispose]() {
      try {
        stream.close();
      } catch (error) {
        if (!(error instanceof Deno.errors.BadResource)) throw error;
      }
      await ended;
    },
  };
}
