// The functions' code as all pages leave it, against a real MariaDB that requires TLS: modules 7 and 8 together.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { before, test } from "node:test";
import { promisify } from "node:util";
import { startMariadb } from "./mariadb.js";
import { aws, database } from "./started.js";

const SECURED = "../../secured";
const SOCKS = { httpMethod: "GET", resource: "/socks" };

before(async () => {
  process.env.SECRET_NAME = "secret";
  const value = JSON.stringify({ username: "admin", password: "Corp123!" });
  aws.state.secret = { rotated: true, versions: { one: { stages: ["AWSCURRENT"], value } } };
  await database.connection.query("SET GLOBAL require_secure_transport = ON");
});
test("the function that makes the tables goes on, and the application answers", async () => {
  const { handler: setUp } = await import(`${SECURED}/database/index.js`);
  assert.equal((await setUp()).rows.Socks, 2);
  const { handler: parts } = await import(`${SECURED}/api/parts.js`);
  const { statusCode, body } = await parts(SOCKS);
  assert.equal(statusCode, 200);
  assert.equal(JSON.parse(body).length, 2);
});

test("a connection is encrypted", async () => {
  const { query } = await import(`${SECURED}/api/database.js`);
  const [{ Value: cipher }] = await query("SHOW SESSION STATUS LIKE 'Ssl_cipher'");
  assert.match(cipher, /^TLS_|GCM|CHACHA/);
});

test("the starter's code is refused", async () => {
  const { handler: parts } = await import("../api/parts.js");
  assert.equal((await parts(SOCKS)).statusCode, 500);
  const { query } = await import("../api/database.js");
  // MySQL says the second; MariaDB the first, to the same login that it admits with TLS.
  await assert.rejects(query("SELECT 1"), /ER_ACCESS_DENIED_ERROR|ER_SECURE_TRANSPORT_REQUIRED/);
});

test("a server whose authority is another one gets neither login nor query", async () => {
  process.env.DATABASE_CA = database.strangersCa;
  try {
    // Its settings are read when it is loaded.
    const { query } = await import(`${SECURED}/api/database.js?stranger`);
    await assert.rejects(query("SELECT 1"), { code: "HANDSHAKE_SSL_ERROR" });
    const { handler: setUp } = await import(`${SECURED}/database/index.js`);
    await assert.rejects(setUp(), { code: "HANDSHAKE_SSL_ERROR" });
  } finally {
    process.env.DATABASE_CA = database.ca;
  }
});

test("another server of the same authority is believed by mysql, and by mysql2 that compares names is not", async () => {
  const other = await startMariadb("elsewhere.example");
  const before = { ...process.env };
  Object.assign(process.env, { DATABASE_PORT: String(other.port), DATABASE_CA: other.ca });
  try {
    const { handler: setUp } = await import(`${SECURED}/database/index.js`);
    await assert.rejects(setUp(), /altnames/);
    // It is connected and logged in; this server only lacks the database.
    const { query } = await import(`${SECURED}/api/database.js?elsewhere`);
    await assert.rejects(query("SELECT 1"), { code: "ER_BAD_DB_ERROR" });
  } finally {
    Object.assign(process.env, before);
    await other.stop();
  }
});

test("module 8's listener reads an order without TLS, and nothing with it", async () => {
  const listener = new URL(`${SECURED}/tools/wiretap.mjs`, import.meta.url).pathname;
  const listen = async (...asked) => (await promisify(execFile)(process.execPath, [listener, ...asked])).stdout;
  const plain = await listen();
  assert.match(plain, /^login: admin, database unicorn_customization$/m);
  assert.match(plain, /^query: INSERT INTO Custom_Unicorns/m);
  const asked = await listen("tls");
  assert.match(asked, /Server does not support secure connection/);
  assert.doesNotMatch(asked, /admin|INSERT/);
});
