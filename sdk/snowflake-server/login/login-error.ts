/** A refused log-in: HTTP status 200 with a code and no sqlState. */
export class LoginError extends Error {
  override readonly name = "LoginError";

  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** 390100, which does not tell a wrong user from a wrong password. */
export function wrongCredentials(): LoginError {
  return new LoginError("390100", "Incorrect username or password was specified.");
}
