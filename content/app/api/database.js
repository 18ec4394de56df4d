import mysql from "mysql";

// Some of these settings are holes: see HOLES.md, modules 5, 7 and 8.
const settings = {
  host: process.env.DATABASE_HOST,
  port: Number(process.env.DATABASE_PORT ?? 3306),
  user: "admin",
  password: "Corp123!",
  database: "unicorn_customization",
  connectTimeout: 5000,
  multipleStatements: true,
};

/**
 * Runs one SQL text on a connection of its own.
 * Answers with the driver's result: rows, a summary, or a list of both for several statements.
 */
export async function query(sql) {
  const connection = mysql.createConnection(settings);
  // A broken connection reports itself here too; the query's own error is the one that counts.
  connection.on("error", (error) => console.error("database connection:", error.code));
  try {
    return await new Promise((resolve, reject) => {
      connection.query(sql, (error, result) => (error ? reject(error) : resolve(result)));
    });
  } finally {
    connection.destroy();
  }
}

/** The result of the first statement, where one text held several. */
export function first(result) {
  const several = Array.isArray(result) && result.some((part) => Array.isArray(part) || "affectedRows" in part);
  return several ? result[0] : result;
}
