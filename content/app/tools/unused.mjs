// Which dependencies does no file import? Usage: node tools/unused.mjs DIRECTORY
// Short on purpose: it reads lines. depcheck and knip know more (scripts, plug-ins, configuration).
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

const [directory] = process.argv.slice(2);
if (!directory) {
  console.error("Usage: node tools/unused.mjs DIRECTORY");
  process.exit(2);
}

const SOURCE = /\.[cm]?[jt]sx?$/;
const IMPORT = /\b(?:from|import|require|resolve)\b\s*\(?\s*["'`]([^"'`]+)["'`]/;

/** All source files, without those of the dependencies. */
function sources(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.name === "node_modules") return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sources(path);
    return SOURCE.test(entry.name) ? [path] : [];
  });
}

const imported = sources(directory)
  .flatMap((path) => readFileSync(path, "utf8").split("\n"))
  .filter((line) => !/^\s*(\/\/|\*|\/\*)/.test(line))
  .map((line) => line.match(IMPORT)?.[1])
  .filter(Boolean);
const isUsed = (name) => imported.some((from) => from === name || from.startsWith(`${name}/`));

const { dependencies = {} } = JSON.parse(readFileSync(join(directory, "package.json"), "utf8"));
const unused = Object.keys(dependencies).filter((name) => !isUsed(name));
console.log(unused.length === 0 ? "All dependencies are used." : `Unused: ${unused.join(" ")}`);
