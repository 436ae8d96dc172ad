import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join, relative } from "node:path";
import { StepError } from "./commands.mjs";
import { projectFolder } from "./folders.mjs";

/** The program that the engine looks for. */
export const pluginName = "pulumi-resource-snowflake-secrets";

/** Every error names it, also to those who have the plugin alone. */
export const errorsPage = "docs/errors.md";

/** Where the releases of the plugin are, for the schema; whoever makes a release says it. */
export const downloadUrlVariable = "PULUMI_SNOWFLAKE_SECRETS_PLUGIN_URL";

/** What is bundled: for the plugin its process, for a dynamic provider the subpath that the shells name. */
const entryPoints = { plugin: "provider/plugin/main.ts", provider: "provider/index.ts" };

/**
 * Bundles both hosts into a folder that needs Node and nothing else. Several files and not one: what is imported lazily
 * (drivers, SDKs) is then not even parsed before it is needed, which halves the time until a host answers. And the hosts
 * share all but their first file.
 */
export async function bundleHosts(folder) {
  const { build } = await import("esbuild");
  rmSync(folder, { recursive: true, force: true });
  const { metafile, outputFiles } = await build({
    absWorkingDir: projectFolder,
    entryPoints,
    outdir: folder,
    outExtension: { ".js": extension },
    chunkNames: "chunks/[name]-[hash]",
    bundle: true,
    // What a `require` of a program can load is CommonJS, which esbuild splits by this way only; see `writeCommonJs`.
    splitting: true,
    format: "esm",
    write: false,
    platform: "node",
    target,
    mainFields: ["module", "main"],
    // Names stay, for the stacks of errors.
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: "none",
    metafile: true,
    logLevel: "error",
    plugins: [withoutClouds],
    define: {
      [`process.env.${downloadUrlVariable}`]: JSON.stringify(process.env[downloadUrlVariable] ?? ""),
    },
  });
  requireNamedImports(metafile);
  for (const file of outputFiles) await writeCommonJs(file);
  writeFileSync(join(folder, "THIRD-PARTY-LICENSES.txt"), collectLicences(Object.keys(metafile.inputs)));
  copyFileSync(join(projectFolder, "LICENSE"), join(folder, "LICENSE"));
  mkdirSync(join(folder, "docs"));
  copyFileSync(join(projectFolder, errorsPage), join(folder, errorsPage));
  writeFileSync(join(folder, pluginName), shellStarter);
  chmodSync(join(folder, pluginName), 0o755);
  writeFileSync(join(folder, `${pluginName}.cmd`), windowsStarter);
}

/** CommonJS wherever the folder lies, also below a package of modules. */
const extension = ".cjs";
const target = "node20";

async function writeCommonJs({ path, text }) {
  const { transform } = await import("esbuild");
  const { code } = await transform(text, {
    format: "cjs",
    platform: "node",
    target,
    // Node would import what is CommonJS as a whole, in the place of what it exports.
    supported: { "dynamic-import": false },
    minifyWhitespace: true,
  });
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, code);
}

const shellStarter = `#!/bin/sh
command -v node >/dev/null || { echo "${pluginName} needs Node >= 20 on PATH: https://nodejs.org/en/download" >&2; exit 1; }
exec node "$(dirname "$0")/plugin.cjs" "$@"
`;
const windowsStarter = '@node "%~dp0plugin.cjs" %*\r\n';

/**
 * What the driver has of clouds is half of what it would load before a log-in. Its ways to their storage are not used
 * here, and are left out. Its ways to the identities of workloads are loaded once a log-in asks for one.
 */
const withoutClouds = {
  name: "without-clouds",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^\.\/attestation_\w+$/ }, ({ path, resolveDir }) => ({
      // The bundle names it: from the project's folder on, so that it is the same on every machine.
      path: relative(projectFolder, join(resolveDir, `${path}.js`)),
      namespace: "attestation",
    }));
    onLoad({ filter: /./, namespace: "attestation" }, ({ path }) => {
      const file = join(projectFolder, path);
      const contents = Object.entries(createRequire(import.meta.url)(file))
        .filter(([, value]) => typeof value === "function")
        .map(
          ([name]) =>
            `exports.${name} = async (...given) => { const all = await import("./${basename(file)}"); return (all.default ?? all).${name}(...given); };`,
        );
      return { contents: contents.join("\n"), resolveDir: dirname(file) };
    });
    const filter = /^(@azure|@aws-sdk|@smithy|google-auth-library)/;
    onResolve({ filter }, ({ importer, path }) =>
      /[\\/]snowflake-sdk[\\/]/.test(importer) && !/attestation_\w+\.js$/.test(importer)
        ? { path, namespace: "cloud" }
        : undefined,
    );
    onLoad({ filter, namespace: "cloud" }, () => ({ contents: "module.exports = {};" }));
  },
};

/** In a bundle, a CommonJS package that is imported lazily has one export, `default`; other names would be undefined. */
function requireNamedImports({ inputs, outputs }) {
  const onlyDefault = Object.values(outputs)
    .filter(
      ({ entryPoint, exports }) => entryPoint?.includes("node_modules/") && exports.join() === "default",
    )
    .map(({ entryPoint }) => entryPoint);
  for (const [file, { imports }] of Object.entries(inputs)) {
    if (!file.startsWith("provider/")) continue;
    const lazy = imports.filter(({ kind, path }) => kind === "dynamic-import" && onlyDefault.includes(path));
    const text = readFileSync(join(projectFolder, file), "utf8");
    for (const { original } of lazy) {
      if (new RegExp(`\\{ default: \\w+ \\} = await import\\("${original}"\\)`).test(text)) continue;
      throw new StepError(
        `${file}: write "const { default: … } = await import" for ${original}, which is CommonJS.`,
      );
    }
  }
}

/** The licence of every package that something of is bundled, with its text. */
function collectLicences(inputs) {
  // A colon stands behind the name of a plugin of the bundler, whose texts are our own.
  const folders = new Set(
    inputs.flatMap((input) => /^[^:]*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input) ?? []),
  );
  // Many packages have the same text: then it stands once, below all of their names.
  const packagesOf = new Map();
  for (const folder of [...folders].sort()) {
    const path = join(projectFolder, folder);
    const { name, version, license } = JSON.parse(readFileSync(join(path, "package.json"), "utf8"));
    const texts = readdirSync(path)
      .filter((file) => /^(licen[cs]e|copying|notice)/i.test(file))
      .map((file) => readFileSync(join(path, file), "utf8").trim());
    const text = texts.join("\n\n");
    packagesOf.set(text, [...(packagesOf.get(text) ?? []), `${name} ${version} (${license})`]);
  }
  return [...packagesOf]
    .map(([text, packages]) => `${packages.join("\n")}\n\n${text}`)
    .join(`\n\n${"-".repeat(80)}\n\n`);
}
