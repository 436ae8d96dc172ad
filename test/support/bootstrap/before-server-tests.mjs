// Vitest's global set-up of the tests that talk to moto.
export { ensureMoto as setup } from "../aws/install.mjs";
