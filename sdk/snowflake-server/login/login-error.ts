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

export function wrongCredentials(): LoginError {
  return new LoginError("390100", "Incorrect username or password was specified.");
}
