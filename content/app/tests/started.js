// A database and a stand-in for AWS for one file's tests: they run from the first test to the last.
import { after } from "node:test";
import { startAws } from "./aws.js";
import { startMariadb } from "./mariadb.js";

export const database = await startMariadb();
after(() => database.stop());
export const aws = await startAws();
after(() => aws.stop());

Object.assign(process.env, {
  DATABASE_HOST: "localhost",
  DATABASE_PORT: String(database.port),
  DATABASE_CA: database.ca,
});
