import type { Row, SnowflakeSession } from "../../../provider/snowflake/driver/session.js";
import { isRead } from "../../../provider/snowflake/statements.js";

const shared = new WeakMap<SnowflakeSession, SnowflakeSession>();

/** A session that asks Snowflake each question once, and gives the same answer to whoever asks again. */
export function shareAnswers(session: SnowflakeSession): SnowflakeSession {
  const found = shared.get(session);
  if (found !== undefined) return found;
  const answers = new Map<string, Promise<readonly Row[]>>();
  const sharing: SnowflakeSession = {
    execute: (statement) => {
      if (!isRead(statement)) return session.execute(statement);
      const known = answers.get(statement.text);
      if (known !== undefined) return known;
      const asked = session.execute(statement);
      answers.set(statement.text, asked);
      return asked;
    },
    stop: () => session.stop(),
    isUp: () => session.isUp(),
    close: () => session.close(),
  };
  shared.set(session, sharing);
  return sharing;
}
