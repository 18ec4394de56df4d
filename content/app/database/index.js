import { readFile } from "node:fs/promises";
import mysql from "mysql2/promise";

const schema = new URL("schema.sql", import.meta.url);
const TABLES = ["Companies", "Socks", "Horns", "Glasses", "Capes"];

/**
 * Creates what is missing of the database, its tables and its first rows; leaves the rest as it is.
 * Answers with the number of rows in each table.
 */
export async function handler() {
  const connection = await mysql.createConnection({
    host: process.env.DATABASE_HOST,
    port: Number(process.env.DATABASE_PORT ?? 3306),
    user: "admin",
    password: "Corp123!",
    connectTimeout: 10_000,
    multipleStatements: true,
  });
  try {
    await connection.query(await readFile(schema, "utf8"));
    const rows = {};
    for (const table of TABLES) {
      const [[{ count }]] = await connection.query(`SELECT COUNT(*) AS count FROM ${table}`);
      rows[table] = count;
    }
    return { database: "unicorn_customization", rows };
  } finally {
    await connection.end();
  }
}
