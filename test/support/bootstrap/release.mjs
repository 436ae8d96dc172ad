import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { sdkGenerator } from "../engine/languages.mjs";
import { capture, run, StepError, say, showing } from "./commands.mjs";
import { cacheFolder, filesBelow, projectFolder } from "./folders.mjs";
import { bundleHosts, pluginName } from "./plugin.mjs";

const releaseFolder = join(projectFolder, "release");

/**
 * Makes what a release of the plugin consists of: its archives, as `pulumi plugin install … --file` and a server of
 * releases want them, the package schema, a list of what is in it (CycloneDX), and the checksums of all of these.
 */
export async function packPlugin() {
  const { name, version } = readManifest();
  const bundle = join(projectFolder, "dist/plugin");
  rmSync(releaseFolder, { recursive: true, force: true });
  mkdirSync(releaseFolder, { recursive: true });
  // The same for every platform: the engine asks a server for the one of its own.
  const platforms = ["linux", "darwin", "windows"].flatMap((os) => [`${os}-amd64`, `${os}-arm64`]);
  const archives = platforms.map((platform) => `${pluginName}-v${version}-${platform}.tar.gz`);
  const [first, ...others] = archives.map((archive) => join(releaseFolder, archive));
  await showing("packing the plugin into release/", async () => {
    await packFolder(bundle, first);
    for (const other of others) copyFileSync(first, other);
  });
  await showing("building the plugin once more, to compare", () => requireSameBytes(first));
  const bill = `${pluginName}-v${version}.cdx.json`;
  await showing("listing its parts (CycloneDX)", async () => {
    writeFileSync(join(releaseFolder, bill), await listParts());
  });
  copyFileSync(join(projectFolder, "schema.json"), join(releaseFolder, "schema.json"));
  const files = [...archives, bill, "schema.json"];
  const sums = `${name}_${version}_checksums.txt`;
  writeFileSync(
    join(releaseFolder, sums),
    files.map((file) => `${sha256(join(releaseFolder, file))}  ${file}\n`).join(""),
  );
  for (const file of [...files, sums]) say(`  ${join("release", file)}`);
  return 0;
}

/** The SDKs of Python and Go as they are published: Pulumi's generators make them from the schema. */
export async function writeSdks() {
  const folder = join(releaseFolder, "sdk");
  rmSync(folder, { recursive: true, force: true });
  await showing("generating the SDKs into release/sdk/", () =>
    run(sdkGenerator, [join(projectFolder, "schema.json"), folder, "python", "go"]),
  );
  // Where each registry looks for them.
  for (const language of ["python", "go"]) {
    copyFileSync(join(projectFolder, "LICENSE"), join(folder, language, "LICENSE"));
  }
  copyFileSync(join(folder, "python/pulumi_snowflake_secrets/README.md"), join(folder, "python/README.md"));
  return 0;
}

/** An archive that says nothing of the machine, the user and the time of its making. */
async function packFolder(folder, into) {
  const { create } = await import("tar");
  const files = filesBelow(folder, [""]).map((file) => relative(folder, file));
  await create(
    { file: into, cwd: folder, gzip: { level: 9 }, portable: true, mtime: new Date(0), noDirRecurse: true },
    files,
  );
}

/** Bundles and packs a second time, elsewhere. What a release says of its origin can be checked only if that is equal. */
async function requireSameBytes(archive) {
  const folder = join(cacheFolder, "second-build");
  try {
    await bundleHosts(join(folder, "elsewhere/plugin"));
    await packFolder(join(folder, "elsewhere/plugin"), join(folder, "second.tar.gz"));
    if (sha256(archive) === sha256(join(folder, "second.tar.gz"))) return;
    const { output } = await capture("diff", [
      "-rq",
      join(projectFolder, "dist/plugin"),
      join(folder, "elsewhere/plugin"),
    ]);
    throw new StepError(`Two builds of the plugin differ:\n${output || "in the archive alone"}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * npm's list of packages, without those that only development needs, and without what differs from run to run and from
 * folder to folder. What is development's is told by the lockfile: `--omit dev` would also leave out what development
 * needs too.
 */
async function listParts() {
  const { name, peerDependencies } = readManifest();
  const { packages } = JSON.parse(readFileSync(join(projectFolder, "package-lock.json"), "utf8"));
  const users = new Set(
    Object.entries(packages)
      .map(([path, { dev, link, version }]) => ({
        dev,
        link,
        version,
        name: path.split("node_modules/").at(-1),
      }))
      // The engine's protocol is bundled, too.
      .filter(
        ({ name, dev, link }) => name !== "" && !link && (!dev || Object.hasOwn(peerDependencies, name)),
      )
      .map(({ name, version }) => `${name}@${version}`),
  );
  const printed = await run("npm", ["sbom", "--sbom-format", "cyclonedx"], { cwd: projectFolder });
  const {
    serialNumber: _,
    metadata,
    components,
    dependencies,
    ...bill
  } = JSON.parse(printed.slice(printed.indexOf("{")));
  const { timestamp: _timestamp, ...about } = metadata;
  const isKept = (ref) => users.has(ref) || ref === about.component["bom-ref"];
  const kept = {
    ...bill,
    metadata: { ...about, component: { ...about.component, name } },
    components: components.filter((each) => isKept(each["bom-ref"])),
    dependencies: dependencies
      .filter(({ ref }) => isKept(ref))
      .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter(isKept) })),
  };
  return `${JSON.stringify(kept, undefined, 2)}\n`;
}

function sha256(file) {
  return createHash("sha256").update(readFileSync(file)).digest("hex");
}

function readManifest() {
  return JSON.parse(readFileSync(join(projectFolder, "package.json"), "utf8"));
}
