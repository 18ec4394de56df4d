import { first, query } from "./database.js";
import { answer, failure, readBody } from "./http.js";

/** The placeholder company: whoever calls without an authorizer acts for it (module 1). */
const PLACEHOLDER_COMPANY = 1;
const COLUMNS = "ID, NAME, COMPANY, IMAGEURL, SOCK, HORN, GLASSES, CAPE";

/** The caller's company: what the authorizer says; undefined where it names none. */
function companyOf(event) {
  const authorizer = event.requestContext?.authorizer;
  return authorizer?.principalId ? authorizer.CompanyID : PLACEHOLDER_COMPANY;
}

// HOLE: each of these puts the caller's text into the SQL as it comes (module 5).

async function create(company, order) {
  const { name, imageUrl, sock, horn, glasses, cape } = order;
  const result = await query(
    `INSERT INTO Custom_Unicorns (NAME, COMPANY, IMAGEURL, SOCK, HORN, GLASSES, CAPE)
     VALUES ('${name}', ${company}, '${imageUrl}', ${sock}, ${horn}, ${glasses}, ${cape})`,
  );
  return answer(200, { customUnicornId: first(result).insertId });
}

async function list(company) {
  return answer(200, await query(`SELECT ${COLUMNS} FROM Custom_Unicorns WHERE COMPANY = ${company} ORDER BY ID`));
}

async function read(company, id) {
  const rows = first(await query(`SELECT ${COLUMNS} FROM Custom_Unicorns WHERE COMPANY = ${company} AND ID = ${id}`));
  return rows.length === 0 ? answer(404, { message: "No such customization" }) : answer(200, rows[0]);
}

async function remove(company, id) {
  const result = first(await query(`DELETE FROM Custom_Unicorns WHERE COMPANY = ${company} AND ID = ${id}`));
  return result.affectedRows === 0
    ? answer(404, { message: "No such customization" })
    : answer(200, { deleted: result.affectedRows });
}

/** GET, POST /customizations; GET, DELETE /customizations/{id}. */
export async function handler(event) {
  const company = companyOf(event);
  if (!company) {
    return answer(400, { message: "Company not valid" });
  }
  const id = event.pathParameters?.id;
  try {
    switch (`${event.httpMethod} ${event.resource}`) {
      case "GET /customizations":
        return await list(company);
      case "GET /customizations/{id}":
        return await read(company, id);
      case "DELETE /customizations/{id}":
        return await remove(company, id);
      case "POST /customizations": {
        const order = readBody(event);
        return order ? await create(company, order) : answer(400, { message: "The body is not a JSON object" });
      }
      default:
        return answer(404, { message: "No such method" });
    }
  } catch (error) {
    return failure("Error customizing unicorn", error);
  }
}
