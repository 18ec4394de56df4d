import {
  DescribeSecretCommand,
  GetRandomPasswordCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  ResourceNotFoundException,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from "@aws-sdk/client-secrets-manager";
import { readFileSync } from "node:fs";
import mysql from "mysql2/promise";

const secrets = new SecretsManagerClient({});

/**
 * One step of a rotation of the database user's own password; Secrets Manager invokes it for each.
 * Every step may be repeated: what is done already stays as it is.
 */
export async function handler({ SecretId: id, ClientRequestToken: version, Step: step }) {
  const { RotationEnabled: enabled, VersionIdsToStages: stages = {} } = await secrets.send(
    new DescribeSecretCommand({ SecretId: id }),
  );
  if (!enabled) throw new Error("The secret has no rotation");
  if (!stages[version]) throw new Error("The secret has no such version");
  if (stages[version].includes("AWSCURRENT")) return;
  if (!stages[version].includes("AWSPENDING")) throw new Error("The version is not AWSPENDING");
  switch (step) {
    case "createSecret":
      return await create(id, version);
    case "setSecret":
      return await set(id, version);
    case "testSecret":
      return await logIn(await read(id, "AWSPENDING", version), async () => {});
    case "finishSecret":
      return await finish(id, version, stages);
    default:
      throw new Error("No such step");
  }
}

async function create(id, version) {
  const current = await read(id, "AWSCURRENT");
  try {
    await read(id, "AWSPENDING", version);
    return;
  } catch (error) {
    if (!(error instanceof ResourceNotFoundException)) throw error;
  }
  const { RandomPassword: password } = await secrets.send(
    new GetRandomPasswordCommand({ PasswordLength: 32, ExcludeCharacters: "/@\"'\\" }),
  );
  await secrets.send(
    new PutSecretValueCommand({
      SecretId: id,
      ClientRequestToken: version,
      SecretString: JSON.stringify({ ...current, password }),
      VersionStages: ["AWSPENDING"],
    }),
  );
}

async function set(id, version) {
  const pending = await read(id, "AWSPENDING", version);
  try {
    // Set already, by a run that broke off later.
    await logIn(pending, async () => {});
    return;
  } catch (error) {
    if (error.code !== "ER_ACCESS_DENIED_ERROR") throw error;
  }
  const current = await read(id, "AWSCURRENT");
  if (current.username !== pending.username) throw new Error("The versions name different users");
  await logIn(current, async (connection) => {
    // The account as the database knows it: admin@%.
    const [[{ account }]] = await connection.query("SELECT CURRENT_USER() AS account");
    const at = account.lastIndexOf("@");
    const [user, host] = [account.slice(0, at), account.slice(at + 1)];
    await connection.query("ALTER USER ?@? IDENTIFIED BY ?", [user, host, pending.password]);
  });
}

async function finish(id, version, stages) {
  const before = Object.keys(stages).find((other) => stages[other].includes("AWSCURRENT"));
  await secrets.send(
    new UpdateSecretVersionStageCommand({
      SecretId: id,
      VersionStage: "AWSCURRENT",
      MoveToVersionId: version,
      RemoveFromVersionId: before,
    }),
  );
  // Else the finished version would look like one of a rotation that is stuck.
  await secrets.send(
    new UpdateSecretVersionStageCommand({ SecretId: id, VersionStage: "AWSPENDING", RemoveFromVersionId: version }),
  );
}

async function read(id, stage, version) {
  const value = await secrets.send(
    new GetSecretValueCommand({ SecretId: id, VersionStage: stage, VersionId: version }),
  );
  return JSON.parse(value.SecretString);
}

/** Runs `work` on a connection. A new password goes over TLS alone, to a server that proves its name. */
async function logIn({ username, password }, work) {
  const connection = await mysql.createConnection({
    host: process.env.DATABASE_HOST,
    port: Number(process.env.DATABASE_PORT ?? 3306),
    user: username,
    password,
    ssl: { ca: readFileSync(process.env.DATABASE_CA ?? "/var/runtime/ca-cert.pem"), verifyIdentity: true },
    connectTimeout: 10_000,
  });
  try {
    await work(connection);
  } finally {
    await connection.end();
  }
}
