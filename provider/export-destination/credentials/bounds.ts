import { AsyncLocalStorage } from "node:async_hooks";
import { subscribe } from "node:diagnostics_channel";
import type { ClientRequest } from "node:http";
import type { Socket } from "node:net";
import { buildRefusal, probeTimeoutMs } from "./probe.js";

/**
 * Runs `work` and settles within `timeoutMs`, whatever the server does; afterwards no socket is open that was opened
 * on its behalf. Drivers cannot all abort a log-in; Node announces each new socket in the async context that opened it.
 *
 * @throws `TIMED_OUT` when the time is over; what `work` does later is dropped.
 */
export async function withinBounds<T>(
  target: string,
  work: () => Promise<T>,
  timeoutMs: number = probeTimeoutMs,
): Promise<T> {
  listenToSockets();
  const sockets = new Set<Socket>();
  const guard: Guard = { sockets, closed: false };
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(
        buildRefusal("TIMED_OUT", {
          operation: `the log-in did not end within ${timeoutMs / 1000} s`,
          target,
          hint: "check the address, the service's status and the network path from here; a cold or busy server may need to be started or scaled up first.",
        }),
      );
    }, timeoutMs);
  });
  const running = guards.run(guard, work);
  running.catch(() => undefined);
  try {
    return await Promise.race([running, late]);
  } finally {
    clearTimeout(timer);
    guard.closed = true;
    for (const socket of sockets) socket.destroy();
  }
}

/** Puts a socket that was not announced under the guard of the probe that is running. */
export function guardSocket<S extends Socket>(socket: S): S {
  const guard = guards.getStore();
  if (guard?.closed === true) socket.destroy();
  else if (guard !== undefined) {
    guard.sockets.add(socket);
    socket.once("close", () => guard.sockets.delete(socket));
  }
  return socket;
}

interface Guard {
  readonly sockets: Set<Socket>;
  closed: boolean;
}

const guards = new AsyncLocalStorage<Guard>();

let isListening = false;

// Not when this file is loaded: who only reads a schema is not to be listened to.
function listenToSockets(): void {
  if (isListening) return;
  isListening = true;
  subscribe("net.client.socket", (message) => {
    guardSocket((message as { socket: Socket }).socket);
  });
  // Sockets with TLS are announced by nobody but the request that goes over them.
  subscribe("http.client.request.start", (message) => {
    const { request } = message as { request: ClientRequest };
    if (request.socket) guardSocket(request.socket);
    else request.once("socket", guardSocket);
  });
}
