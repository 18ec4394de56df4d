// Prints one file of a function's deployed package: node tools/from-package.mjs package.zip database.js
import { readFileSync } from "node:fs";
import { inflateRawSync } from "node:zlib";

const [archive, wanted] = process.argv.slice(2);
const zip = readFileSync(archive);
let at = zip.readUInt32LE(zip.lastIndexOf("PK\x05\x06", undefined, "latin1") + 16);
let text;
while (text === undefined && at + 46 <= zip.length && zip.readUInt32LE(at) === 0x02014b50) {
  const [name, extra, comment] = [28, 30, 32].map((offset) => zip.readUInt16LE(at + offset));
  if (zip.toString("utf8", at + 46, at + 46 + name) === wanted) {
    const local = zip.readUInt32LE(at + 42);
    const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    const data = zip.subarray(start, start + zip.readUInt32LE(at + 20));
    text = (zip.readUInt16LE(at + 10) === 0 ? data : inflateRawSync(data)).toString();
  }
  at += 46 + name + extra + comment;
}
if (text === undefined) {
  console.error(`${archive} holds no ${wanted}`);
  process.exitCode = 1;
} else {
  process.stdout.write(text);
}
