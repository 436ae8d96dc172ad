// Run by the program of `writeBrowser`, with its settings and the address of the page.
import { appendFileSync, readFileSync } from "node:fs";
import type { TypedLogin } from "./browser.js";
import { Visitor } from "./visitor.js";

const [file = "", page = ""] = process.argv.slice(2);
const { log, user, password } = JSON.parse(readFileSync(file, "utf8")) as TypedLogin & { log: string };
appendFileSync(log, `${page}\n`);
void new Visitor().logIn(page, user, password);
