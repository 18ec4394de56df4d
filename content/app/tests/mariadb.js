// A MariaDB server of the test's own: own directory, own port, gone afterwards.
import { execFileSync, spawn } from "node:child_process";
import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import mysql from "mysql2/promise";

const START_LIMIT_MS = 60_000;

/** A TCP port of the loopback interface that nothing listens on. */
async function freePort() {
  const server = createServer();
  await new Promise((resolve, reject) => server.once("error", reject).listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Root may not run the server: then the system's user mysql does. */
function account() {
  if (process.getuid() !== 0) {
    return { name: process.env.USER ?? String(process.getuid()) };
  }
  const id = (flag) => Number(execFileSync("id", [flag, "mysql"], { encoding: "utf8" }));
  return { name: "mysql", uid: id("-u"), gid: id("-g") };
}

/** Resolves when the server takes connections; throws when it ends or takes too long. */
async function untilReady(child, connect, log) {
  const deadline = Date.now() + START_LIMIT_MS;
  for (;;) {
    if (child.exitCode !== null || Date.now() > deadline) {
      throw new Error(`mariadbd did not start: ${log.join("").slice(-2000)}`);
    }
    try {
      return await connect();
    } catch {
      await sleep(100);
    }
  }
}

/** A certificate authority, the certificate of a server of that name, and a stranger's authority: files. */
function makeCertificates(directory, name) {
  const at = (file) => join(directory, file);
  const openssl = (...args) => execFileSync("openssl", args, { stdio: "pipe" });
  const request = (file, subject, ...more) =>
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", `/CN=${subject}`,
      "-keyout", at(`${file}.key`), "-out", at(`${file}.pem`), ...more);
  request("ca", "Test CA");
  request("server", name, "-CA", at("ca.pem"), "-CAkey", at("ca.key"),
    "-addext", `subjectAltName=DNS:${name}`, "-addext", "basicConstraints=critical,CA:FALSE");
  request("stranger", "Stranger CA");
  return { ca: at("ca.pem"), strangersCa: at("stranger.pem"), key: at("server.key"), cert: at("server.pem") };
}

/**
 * Starts a server with the user admin and the starter application's password.
 * It offers TLS to clients that trust `ca`; its certificate says `name`.
 */
export async function startMariadb(name = "localhost") {
  const directory = mkdtempSync(join(tmpdir(), "starter-app-mariadb-"));
  const { ca, strangersCa, key, cert } = makeCertificates(directory, name);
  // The server reads its key as the user that it runs as.
  chmodSync(key, 0o644);
  const user = account();
  if (user.uid !== undefined) {
    chownSync(directory, user.uid, user.gid);
  }
  const data = join(directory, "data");
  const admin = join(directory, "admin.sql");
  writeFileSync(
    admin,
    "CREATE USER IF NOT EXISTS admin@'%' IDENTIFIED BY 'Corp123!';\nGRANT ALL ON *.* TO admin@'%';\n",
    { mode: 0o644 },
  );
  const common = ["--no-defaults", `--user=${user.name}`, `--datadir=${data}`];
  execFileSync("mariadb-install-db", [...common, "--skip-test-db", "--auth-root-authentication-method=normal"], {
    stdio: "pipe",
  });
  const port = await freePort();
  const child = spawn(
    "mariadbd",
    [
      ...common,
      "--bind-address=127.0.0.1",
      `--port=${port}`,
      `--socket=${join(directory, "socket")}`,
      `--pid-file=${join(directory, "pid")}`,
      `--init-file=${admin}`,
      "--skip-name-resolve",
      `--ssl-cert=${cert}`,
      `--ssl-key=${key}`,
      // Aurora's own setting: names of tables are compared as they are written.
      "--lower-case-table-names=0",
      "--innodb-flush-log-at-trx-commit=0",
    ],
    { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` } },
  );
  const log = [];
  child.stdout.on("data", (text) => log.push(String(text)));
  child.stderr.on("data", (text) => log.push(String(text)));
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGKILL");
      await ended;
    }
    rmSync(directory, { recursive: true, force: true });
  };
  const options = { host: "127.0.0.1", port, user: "admin", password: "Corp123!", multipleStatements: true };
  try {
    const connection = await untilReady(child, () => mysql.createConnection(options), log);
    return { host: "127.0.0.1", port, ca, strangersCa, connection, stop: () => connection.end().finally(stop) };
  } catch (error) {
    await stop();
    throw error;
  }
}
