// Module 7's rotation function against a real MariaDB with TLS: each step, repeated, and broken off.
import assert from "node:assert/strict";
import { before, beforeEach, test } from "node:test";
import mysql from "mysql2/promise";
import { aws, database } from "./started.js";

const FIRST = "Corp123!";
const STEPS = ["createSecret", "setSecret", "testSecret", "finishSecret"];

let rotate;

before(async () => {
  rotate = (await import("../rotation/index.js")).handler;
});

beforeEach(async () => {
  await database.connection.query("ALTER USER admin@'%' IDENTIFIED BY ?", [FIRST]);
  aws.state.fail = {};
  aws.state.secret = {
    rotated: true,
    versions: {
      one: { stages: ["AWSCURRENT"], value: JSON.stringify({ username: "admin", password: FIRST, port: 3306 }) },
      two: { stages: ["AWSPENDING"] },
    },
  };
});

const step = (name, version = "two") => rotate({ SecretId: "secret", ClientRequestToken: version, Step: name });
const value = (version) => JSON.parse(aws.state.secret.versions[version].value);
const stages = (version) => aws.state.secret.versions[version].stages;

/** Whether the database admits the password. */
async function admits(password) {
  try {
    const connection = await mysql.createConnection({
      host: "127.0.0.1", port: database.port, user: "admin", password,
    });
    await connection.end();
    return true;
  } catch (error) {
    assert.equal(error.code, "ER_ACCESS_DENIED_ERROR");
    return false;
  }
}

test("four steps change the password, in the database and in the secret", async () => {
  for (const name of STEPS) await step(name);
  const { password, ...rest } = value("two");
  assert.deepEqual(rest, { username: "admin", port: 3306 });
  assert.notEqual(password, FIRST);
  assert.equal(password.length, 32);
  assert.equal(await admits(password), true);
  assert.equal(await admits(FIRST), false);
  assert.deepEqual(stages("two"), ["AWSCURRENT"]);
  assert.deepEqual(stages("one"), []);
});

test("every step may be repeated", async () => {
  for (const name of STEPS) {
    await step(name);
    const made = value("two").password;
    await step(name);
    assert.equal(value("two").password, made, name);
  }
  assert.equal(await admits(value("two").password), true);
});

test("until setSecret the old password is good, and testSecret finds out", async () => {
  await step("createSecret");
  await assert.rejects(step("testSecret"), { code: "ER_ACCESS_DENIED_ERROR" });
  assert.equal(await admits(FIRST), true);
  assert.deepEqual(stages("one"), ["AWSCURRENT"]);
});

test("a password with quotes and backslashes is set as it is", async () => {
  const password = `a'b"c\\d;--`;
  aws.state.secret.versions.two.value = JSON.stringify({ username: "admin", password });
  await step("setSecret");
  assert.equal(await admits(password), true);
});

test("without the right to store the new password nothing changes", async () => {
  aws.state.fail.PutSecretValue = "AccessDeniedException";
  await assert.rejects(step("createSecret"), { name: "AccessDeniedException" });
  assert.equal(await admits(FIRST), true);
  assert.deepEqual(stages("two"), ["AWSPENDING"]);
});

test("a failure to read the pending version is none that it doesn't exist", async () => {
  aws.state.fail.GetSecretValue = "AccessDeniedException";
  await assert.rejects(step("createSecret"), { name: "AccessDeniedException" });
});

test("another user's password is not touched", async () => {
  aws.state.secret.versions.two.value = JSON.stringify({ username: "root", password: "x" });
  await assert.rejects(step("setSecret"), /different users/);
});

test("a server that can't prove who it is gets no password", async () => {
  await step("createSecret");
  process.env.DATABASE_CA = database.strangersCa;
  try {
    await assert.rejects(step("setSecret"), /certificate/i);
  } finally {
    process.env.DATABASE_CA = database.ca;
  }
  assert.equal(await admits(FIRST), true);
});

test("what isn't a rotation of this version is refused", async () => {
  await assert.rejects(step("createSecret", "three"), /no such version/);
  await assert.rejects(step("dropSecret"), /No such step/);
  aws.state.secret.rotated = false;
  await assert.rejects(step("createSecret"), /no rotation/);
  aws.state.secret.rotated = true;
  stages("two").length = 0;
  await assert.rejects(step("createSecret"), /not AWSPENDING/);
});
