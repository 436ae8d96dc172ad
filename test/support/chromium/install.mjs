import { existsSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { run, showing } from "../bootstrap/commands.mjs";
import { cacheFolder, isStamped, projectFolder, stamp } from "../bootstrap/folders.mjs";

const folder = join(cacheFolder, "chromium");
const fontConfig = join(folder, "fonts.conf");
// The package's own names folders of AWS Lambda; without a font Chromium ends at the first text.
const fontSettings = `<?xml version="1.0"?>
<fontconfig><dir>${join(folder, "fonts/fonts")}</dir><cachedir>${join(folder, "fonts-cache")}</cachedir></fontconfig>
`;
const carriesOwn = process.platform === "linux" && process.arch === "x64";

/** How Playwright starts a browser: the Chromium of an npm package, or on another system the person's own Chrome. */
export const launchOptions = carriesOwn
  ? {
      executablePath: join(folder, "chromium"),
      // Its sandbox needs rights that a container does not give; it opens pages of the tests alone.
      args: ["--no-sandbox"],
      env: {
        ...process.env,
        LD_LIBRARY_PATH: join(folder, "al2023/lib"),
        FONTCONFIG_FILE: fontConfig,
      },
    }
  : { channel: "chrome" };

/** Unpacks Chromium and the libraries that it needs, so that nothing has to be installed as root. */
export async function ensureChromium() {
  if (!carriesOwn) return;
  const { version } = createRequire(import.meta.url)(
    join(projectFolder, "node_modules/@sparticuz/chromium/package.json"),
  );
  const content = `${version}\n${fontSettings}`;
  if (existsSync(launchOptions.executablePath) && isStamped("chromium", content)) return;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await showing("unpacking Chromium", () =>
    run(
      process.execPath,
      [
        "--input-type=module",
        "--eval",
        "await (await import('@sparticuz/chromium')).default.executablePath()",
      ],
      {
        cwd: projectFolder,
        // The package unpacks into the folder for temporary files, and the libraries only where it sees this variable.
        env: { ...process.env, TMPDIR: folder, AWS_EXECUTION_ENV: "AWS_Lambda_nodejs22.x" },
      },
    ),
  );
  await writeFile(fontConfig, fontSettings);
  stamp("chromium", content);
}
