// A program for BROWSER: a person who opens the page in Chromium, logs in, and looks at where that leads.
//   node log-in.mjs <file with the settings> <address of the page>
import { appendFileSync, readFileSync } from "node:fs";
import { chromium } from "playwright-core";
import { launchOptions } from "./install.mjs";

const [file, address] = process.argv.slice(2);
const { log, user, password } = JSON.parse(readFileSync(file, "utf8"));
const browser = await chromium.launch({ ...launchOptions, timeout: 30_000 });
try {
  const page = await browser.newPage();
  page.setDefaultTimeout(30_000);
  await page.goto(address);
  await page.getByPlaceholder("User").fill(user);
  await page.getByPlaceholder("Password").fill(password);
  await page.getByRole("button", { name: "Log in" }).click();
  await page.waitForURL(({ hostname }) => hostname === "localhost");
  appendFileSync(
    log,
    `${JSON.stringify({ end: page.url(), text: await page.locator("body").innerText() })}\n`,
  );
} finally {
  await browser.close();
}
