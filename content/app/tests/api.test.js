// The functions' real code against a real MariaDB: what they do, and that the holes are open.
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { PARTNER_TABLE, startAws } from "./aws.js";
import { startMariadb } from "./mariadb.js";

let database;
let aws;
let setUp;
let handlers;

before(async () => {
  database = await startMariadb();
  aws = await startAws();
  Object.assign(process.env, { DATABASE_HOST: database.host, DATABASE_PORT: String(database.port) });
  setUp = (await import("../database/index.js")).handler;
  const [parts, customizations, partners, analytics] = await Promise.all(
    ["parts", "customizations", "partners", "analytics"].map((name) => import(`../api/${name}.js`)),
  );
  handlers = {
    parts: parts.handler,
    customizations: customizations.handler,
    partners: partners.handler,
    analytics: analytics.handler,
  };
});

after(async () => {
  await aws?.stop();
  await database?.stop();
});

beforeEach(async () => {
  await database.connection.query("DROP DATABASE IF EXISTS unicorn_customization");
  await setUp();
  aws.state.clients.length = 0;
  aws.state.items = {};
  aws.state.fail = {};
});

/** What API Gateway hands to a function. */
async function call(handler, method, resource, { id, body, authorizer } = {}) {
  const result = await handlers[handler]({
    httpMethod: method,
    resource,
    pathParameters: id === undefined ? null : { id },
    body: body === undefined ? null : typeof body === "string" ? body : JSON.stringify(body),
    isBase64Encoded: false,
    requestContext: authorizer ? { authorizer } : {},
  });
  assert.equal(result.headers["Access-Control-Allow-Origin"], "*");
  return { status: result.statusCode, body: JSON.parse(result.body) };
}

const socks = () => call("parts", "GET", "/socks");
const customizations = (method, options) => call("customizations", method, "/customizations", options);
const customization = (method, id, options) =>
  call("customizations", method, "/customizations/{id}", { id, ...options });

const order = {
  name: "Sunny",
  imageUrl: "https://example.com/sunny.png",
  sock: "1",
  horn: "2",
  glasses: "3",
  cape: "4",
};

describe("parts", () => {
  test("every list has its rows", async () => {
    const sizes = { socks: 2, horns: 8, glasses: 7, capes: 4 };
    for (const [name, size] of Object.entries(sizes)) {
      const { status, body } = await call("parts", "GET", `/${name}`);
      assert.equal(status, 200);
      assert.equal(body.length, size, name);
      assert.deepEqual(Object.keys(body[0]), ["ID", "NAME", "PRICE"]);
    }
    assert.deepEqual((await socks()).body, [
      { ID: 1, NAME: "Basic", PRICE: 0 },
      { ID: 2, NAME: "Branded", PRICE: 25 },
    ]);
  });

  test("a database that fails is a 500 that tells nothing about it", async () => {
    await database.connection.query("SET FOREIGN_KEY_CHECKS = 0; DROP TABLE unicorn_customization.Socks");
    assert.deepEqual(await socks(), { status: 500, body: { message: "Error listing parts" } });
  });
});

describe("customizations", () => {
  test("anybody creates, lists, reads and deletes: module 1's hole", async () => {
    const created = await customizations("POST", { body: order });
    assert.equal(created.status, 200);
    const id = created.body.customUnicornId;
    const row = {
      ID: id,
      NAME: "Sunny",
      COMPANY: 1,
      IMAGEURL: order.imageUrl,
      SOCK: 1,
      HORN: 2,
      GLASSES: 3,
      CAPE: 4,
    };
    assert.deepEqual((await customizations("GET")).body, [row]);
    assert.deepEqual(await customization("GET", String(id)), { status: 200, body: row });
    assert.deepEqual(await customization("DELETE", String(id)), { status: 200, body: { deleted: 1 } });
    assert.equal((await customization("GET", String(id))).status, 404);
    assert.equal((await customization("DELETE", String(id))).status, 404);
    assert.equal((await customization("GET", "0")).status, 404);
  });

  test("a company sees and deletes only its own", async () => {
    await database.connection.query("INSERT INTO unicorn_customization.Companies (ID, NAME) VALUES (7, 'Seven')");
    const seven = { principalId: "client-7", CompanyID: "7" };
    const { body } = await customizations("POST", { body: order, authorizer: seven });
    assert.equal((await customizations("GET", { authorizer: seven })).body[0].COMPANY, 7);
    assert.deepEqual((await customizations("GET")).body, []);
    assert.equal((await customization("GET", String(body.customUnicornId))).status, 404);
    assert.equal((await customization("DELETE", String(body.customUnicornId))).status, 404);
  });

  test("a caller whose authorizer names no company is refused", async () => {
    const admin = { principalId: "admin-client" };
    assert.deepEqual(await customizations("GET", { authorizer: admin }), {
      status: 400,
      body: { message: "Company not valid" },
    });
  });

  test("an injected cape adds socks: module 5's hole", async () => {
    const cape = "1); INSERT INTO Socks (NAME, PRICE) VALUES ('Bad color', 10000.00";
    const { status, body } = await customizations("POST", { body: { ...order, cape } });
    assert.equal(status, 200);
    assert.equal(typeof body.customUnicornId, "number");
    assert.deepEqual((await socks()).body.at(-1), { ID: 3, NAME: "Bad color", PRICE: 10000 });
  });

  test("an injected id drops a table: module 10's hole", async () => {
    assert.equal((await customization("GET", "1; drop table Custom_Unicorns;")).status, 404);
    assert.equal((await customizations("GET")).status, 500);
    await setUp();
    assert.deepEqual(await customizations("GET"), { status: 200, body: [] });
  });

  test("an injected condition deletes what others ordered", async () => {
    await database.connection.query("INSERT INTO unicorn_customization.Companies (ID, NAME) VALUES (7, 'Seven')");
    await customizations("POST", { body: order, authorizer: { principalId: "client-7", CompanyID: "7" } });
    assert.deepEqual((await customization("DELETE", "0 OR 1 = 1")).body, { deleted: 1 });
  });

  test("missing fields reach the database, which refuses them", async () => {
    const { status, body } = await customizations("POST", { body: { name: "Sunny" } });
    assert.equal(status, 500);
    assert.deepEqual(body, { message: "Error customizing unicorn" });
    assert.deepEqual((await customizations("GET")).body, []);
  });

  test("a body that is no JSON object is refused", async () => {
    for (const body of [undefined, "", "not JSON", "null", "[]", '"text"']) {
      assert.equal((await customizations("POST", { body })).status, 400, String(body));
    }
  });
});

describe("partners", () => {
  const register = (name) => call("partners", "POST", "/partners", { body: { name } });
  const companies = async () => {
    const [rows] = await database.connection.query("SELECT NAME FROM unicorn_customization.Companies ORDER BY ID");
    return rows.map((row) => row.NAME);
  };

  test("a partner gets a company, a client, and the row that joins them", async () => {
    const { status, body } = await register("Cherry");
    assert.equal(status, 200);
    assert.deepEqual(body, { ClientID: "client1", ClientSecret: "secret-of-client1" });
    assert.deepEqual(await companies(), ["Placeholder company", "Cherry"]);
    const [client] = aws.state.clients;
    assert.equal(client.GenerateSecret, true);
    assert.deepEqual(client.AllowedOAuthFlows, ["client_credentials"]);
    assert.deepEqual(client.AllowedOAuthScopes, ["WildRydes/CustomizeUnicorn"]);
    const [row] = aws.state.items[PARTNER_TABLE];
    assert.equal(row.ClientID.S, "client1");
    assert.equal(row.CompanyID.S, "2");
  });

  test("a company is registered once", async () => {
    await register("Cherry");
    assert.deepEqual(await register("Cherry"), { status: 400, body: { message: "Company already registered" } });
    assert.equal(aws.state.clients.length, 1);
  });

  test("without the scope there is no partner, and the name stays free", async () => {
    aws.state.fail.CreateUserPoolClient = "ScopeDoesNotExistException";
    assert.equal((await register("Cherry")).status, 409);
    assert.deepEqual(await companies(), ["Placeholder company"]);
    aws.state.fail = {};
    assert.equal((await register("Cherry")).status, 200);
  });

  test("a failing table leaves no company behind", async () => {
    aws.state.fail.PutItem = "AccessDeniedException";
    assert.deepEqual(await register("Cherry"), { status: 500, body: { message: "Error registering the partner" } });
    assert.deepEqual(await companies(), ["Placeholder company"]);
  });

  test("a request without a name is refused", async () => {
    for (const name of [undefined, "", 7, null]) {
      assert.equal((await register(name)).status, 400, String(name));
    }
    assert.equal(aws.state.clients.length, 0);
  });
});

describe("analytics", () => {
  test("counts what is ordered and writes one row", async () => {
    await customizations("POST", { body: order });
    await customizations("POST", { body: { ...order, sock: "2" } });
    const item = await handlers.analytics();
    assert.deepEqual(item.Socks, { Basic: 1, Branded: 1 });
    assert.deepEqual(Object.values(item.Capes), [2]);
    const [row] = aws.state.items[process.env.DEMAND_TABLE];
    assert.equal(row.RecordTimeStamp.S, item.RecordTimeStamp);
  });

  test("a refused write is an error of the function", async () => {
    aws.state.fail.PutItem = "AccessDeniedException";
    await assert.rejects(handlers.analytics(), { name: "AccessDeniedException" });
  });
});

describe("database set-up", () => {
  test("may run again: it repairs what is missing and keeps the rest", async () => {
    await customizations("POST", { body: order });
    await database.connection.query("DELETE FROM unicorn_customization.Horns WHERE ID = 8");
    const result = await setUp();
    assert.deepEqual(result.rows, { Companies: 1, Socks: 2, Horns: 8, Glasses: 7, Capes: 4 });
    assert.equal((await customizations("GET")).body.length, 1);
  });
});
