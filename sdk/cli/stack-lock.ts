import { hostname } from "node:os";
import { isProviderError, ProviderError } from "../../provider/core/errors.js";

/** Who holds the lock of a stack, as the backend tells. */
interface LockHolder {
  readonly user: string;
  readonly host: string;
  readonly pid: number;
  readonly since: string;
}

// Backends of files and buckets tell it in this form; Pulumi Cloud does not.
const holderForm = /created by (\S{1,200})@(\S{1,200}) \(pid (\d{1,10})\) at (\S{1,40})/;

function readHolder(engineText: string): LockHolder | undefined {
  const [, user, host, pid, since] = holderForm.exec(engineText) ?? [];
  if (user === undefined || host === undefined || since === undefined) return undefined;
  return { user, host, pid: Number(pid), since };
}

/** Says that another update of the stack is running, or that the one that locked it is dead. */
export function createLockError(stackName: string, engineText = ""): ProviderError {
  const holder = readHolder(engineText);
  const cancel = `run \`pulumi cancel --stack ${stackName}\`, then \`pulumi up\``;
  const isStale = holder !== undefined && isDead(holder);
  return new ProviderError("TIMED_OUT", {
    operation: isStale
      ? `stack "${stackName}" is locked by an update that no longer runs`
      : `another update of stack "${stackName}" is running`,
    ...(holder && {
      target: `${holder.user} on ${holder.host}, process ${holder.pid}, since ${holder.since}`,
    }),
    hint: isStale ? `${cancel}.` : `run again when it has ended. If it was interrupted, ${cancel}.`,
    retryable: true,
    details: { isStackLocked: true },
  });
}

/** Whether another update of the stack is running: worth another try soon. */
export function isStackLocked(error: unknown): error is ProviderError {
  return isProviderError(error) && error.details.isStackLocked === true;
}

/** Only on the holder's own machine is this known; a number may be another process's by now, which proves nothing. */
function isDead({ host, pid }: LockHolder): boolean {
  if (host !== hostname()) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}
