import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { findEngine } from "../engine/engine.js";

/** What a container file makes. */
export interface Image {
  /** Its file tree. */
  readonly tree: string;
  readonly env: Readonly<Record<string, string>>;
  readonly entrypoint: readonly string[];
  readonly workingDirectory: string;
  /** `uid:gid`. */
  readonly user: string;
}

type Stage = { -readonly [field in keyof Image]: Image[field] };

/**
 * Follows a container file line by line in a folder, as a builder does, but without images of a registry: each stage
 * begins with the stand-in for its image, and a RUN runs on this machine, in the working directory of its stage.
 */
export function buildImage(file: string, context: string, into: string): Image {
  const stages = new Map<string, Stage>();
  let stage: Stage | undefined;
  const steps: Readonly<Record<string, (text: string, stage: Stage) => void>> = {
    WORKDIR: (text, stage) => {
      stage.workingDirectory = text;
      mkdirSync(join(stage.tree, text), { recursive: true });
    },
    COPY: (text, { tree, workingDirectory }) => {
      const [, from, paths = ""] = /^(?:--from=(\S+) )?(.+)$/.exec(text) ?? [];
      const [target = "", ...sources] = paths.split(" ").reverse();
      const folder = join(tree, target.startsWith("/") ? target : join(workingDirectory, target));
      mkdirSync(folder, { recursive: true });
      runIn(from === undefined ? context : (stages.get(from)?.tree ?? ""), copy, folder, sources.join(" "));
    },
    RUN: (text, { tree, workingDirectory }) => runIn(join(tree, workingDirectory), text),
    ENV: (text, stage) => {
      stage.env = { ...stage.env, ...Object.fromEntries(text.split(" ").map((pair) => pair.split("="))) };
    },
    USER: (text, stage) => {
      stage.user = text;
    },
    ENTRYPOINT: (text, stage) => {
      stage.entrypoint = JSON.parse(text);
    },
  };
  for (const line of readFileSync(file, "utf8").split("\n")) {
    const [, step = "", text = ""] = /^([A-Z]+) (.+)$/.exec(line) ?? [];
    const [image = "", , name = "last"] = text.split(" ");
    if (/^(#.*)?$/.test(line)) continue;
    if (step === "FROM") {
      stage = { tree: join(into, name), env: {}, entrypoint: [], workingDirectory: "/", user: "0:0" };
      stages.set(name, stage);
      const [, fill] = standIns.find(([name]) => image.startsWith(name)) ?? [];
      if (fill === undefined) throw new Error(`No stand-in for the image ${image}.`);
      fill(stage.tree);
    } else if (stage === undefined || steps[step] === undefined) throw new Error(`Not known here: ${line}`);
    else steps[step](text, stage);
  }
  if (stage === undefined) throw new Error(`${file} has no stage.`);
  return stage;
}

/** Of a folder, what is in it. Links in the place of copies, which take no time. */
const copy = 'for each in $2; do if test -d "./$each"; then each="$each/."; fi; cp -al "./$each" "$1"; done';

function runIn(cwd: string, script: string, ...args: readonly string[]): void {
  execFileSync("bash", ["-ec", script, "bash", ...args], { cwd, stdio: ["ignore", "ignore", "inherit"] });
}

const standIns = [
  ["docker.io/pulumi/pulumi-nodejs:", fillWithPulumi],
  ["gcr.io/distroless/nodejs", fillWithNode],
] as const;

/** Of its programs those that a Node program needs. */
function fillWithPulumi(tree: string): void {
  const programs = ["pulumi", "pulumi-language-nodejs"].map((name) => join(findEngine().folder, name));
  copyInto(join(tree, "pulumi/bin"), ...programs);
}

/** Node, the libraries that programs are linked with, and a user that is not root. */
function fillWithNode(tree: string): void {
  copyInto(join(tree, "nodejs/bin"), process.execPath);
  // It fails for a program that needs none.
  const { stdout } = spawnSync("ldd", [process.execPath, join(findEngine().folder, "pulumi")]);
  for (const [library] of String(stdout).matchAll(/(?<=\s)\/\S+(?= \()/g))
    copyInto(join(tree, dirname(library)), library);
  for (const folder of ["etc", "tmp", "proc", "dev"]) mkdirSync(join(tree, folder));
  writeFileSync(join(tree, "etc/passwd"), "nonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n");
  // As the kubelet writes it.
  writeFileSync(join(tree, "etc/hosts"), "127.0.0.1 localhost\n");
}

function copyInto(folder: string, ...files: readonly string[]): void {
  mkdirSync(folder, { recursive: true });
  execFileSync("cp", ["-L", ...files, folder]);
}

const starter = join(__dirname, "run-in-image.sh");

/**
 * What starts a program in the tree of an image: read-only, and with nothing else of the machine but its network and
 * the folders of `mounts`, by their path in the tree. A process that is not root needs a kernel that lets it make a
 * namespace.
 */
export function buildRun(
  { tree, user, workingDirectory }: Image,
  mounts: Readonly<Record<string, string>>,
): readonly [file: string, ...args: string[]] {
  const isRoot = process.getuid?.() === 0;
  for (const path of Object.keys(mounts)) mkdirSync(join(tree, path), { recursive: true });
  return [
    "/usr/bin/unshare",
    "--mount",
    ...(isRoot ? [] : ["--map-root-user"]),
    starter,
    tree,
    isRoot ? user : "",
    workingDirectory,
    ...Object.entries(mounts).flat(),
    "--",
  ];
}
