import { query } from "./database.js";
import { answer, failure } from "./http.js";

const TABLES = { "/socks": "Socks", "/horns": "Horns", "/glasses": "Glasses", "/capes": "Capes" };

/** GET /socks, /horns, /glasses, /capes. */
export async function handler(event) {
  const table = TABLES[event.resource];
  if (!table) {
    return answer(404, { message: "No such part" });
  }
  try {
    return answer(200, await query(`SELECT ID, NAME, PRICE FROM ${table} ORDER BY ID`));
  } catch (error) {
    return failure("Error listing parts", error);
  }
}
