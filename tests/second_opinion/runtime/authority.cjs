// AWS's Node.js runtime keeps the authorities that sign Amazon RDS's certificates in a file. Loaded
// before a function, this gives whoever reads that file the authority of the suite's database.
const fs = require("node:fs");
const { syncBuiltinESMExports } = require("node:module");

const KEPT = "/var/runtime/ca-cert.pem";

for (const [of, name] of [
  [fs, "readFileSync"],
  [fs.promises, "readFile"],
]) {
  const read = of[name];
  of[name] = (path, ...rest) => read.call(of, path === KEPT ? process.env.SECOND_OPINION_AUTHORITY : path, ...rest);
}
syncBuiltinESMExports();
