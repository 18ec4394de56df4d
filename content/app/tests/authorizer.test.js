// The Lambda authorizer of module 1: who gets in, and where.
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { PARTNER_TABLE, POOL, startAws, strangersKey, token } from "./aws.js";

const ARN = "arn:aws:execute-api:us-east-1:000000000000:abc123/dev";
const LISTS = ["GET/capes", "GET/glasses", "GET/horns", "GET/socks"];

let aws;
let handler;

before(async () => {
  aws = await startAws();
  ({ handler } = await import("../authorizer/index.js"));
});

after(() => aws?.stop());

beforeEach(() => {
  aws.state.items = { [PARTNER_TABLE]: [{ ClientID: { S: "client-7" }, CompanyID: { S: "7" } }] };
  aws.state.fail = {};
  aws.state.keysUp = true;
});

const authorize = (authorizationToken) => handler({ type: "TOKEN", authorizationToken, methodArn: `${ARN}/GET/socks` });

function allowed(result) {
  const [statement, ...others] = result.policyDocument.Statement;
  assert.equal(others.length, 0);
  assert.equal(statement.Effect, "Allow");
  assert.equal(statement.Action, "execute-api:Invoke");
  return statement.Resource.map((arn) => {
    assert.ok(arn.startsWith(`${ARN}/`), arn);
    return arn.slice(ARN.length + 1);
  }).sort();
}

// First, while no key is in the authorizer's memory.
test("keys that can't be had are an error of the authorizer, not a refusal", async () => {
  aws.state.keysUp = false;
  await assert.rejects(authorize(token()), (error) => error.message !== "Unauthorized");
});

test("garbage is refused without asking for keys", async () => {
  const before = aws.state.keyDownloads;
  for (const garbage of [undefined, "", "garbage", "Bearer ", "Bearer garbage", "a.b.c", "..", "\u001b[31m"]) {
    await assert.rejects(authorize(garbage), { message: "Unauthorized" }, String(garbage));
  }
  assert.equal(aws.state.keyDownloads, before);
});

test("any valid token lists parts, with and without the word Bearer", async () => {
  for (const text of [token({ scope: "other/scope" }), `Bearer ${token({ scope: "" })}`, token({ scope: undefined })]) {
    const result = await authorize(text);
    assert.deepEqual(allowed(result), LISTS);
    assert.equal(result.principalId, "client-1");
    assert.deepEqual(result.context, {});
  }
});

test("ManagePartners opens /partners and nothing else", async () => {
  const result = await authorize(token());
  assert.deepEqual(allowed(result), [...LISTS, "POST/partners"]);
  assert.deepEqual(result.context, {});
});

test("CustomizeUnicorn opens /customizations for the client's company", async () => {
  const result = await authorize(token({ client_id: "client-7", scope: "WildRydes/CustomizeUnicorn" }));
  assert.deepEqual(allowed(result), [
    "DELETE/customizations/*",
    ...LISTS.slice(0, 1),
    "GET/customizations",
    "GET/customizations/*",
    ...LISTS.slice(1),
    "POST/customizations",
  ]);
  assert.deepEqual(result.context, { CompanyID: "7" });
  assert.equal(result.principalId, "client-7");
});

test("a client without a company customizes nothing", async () => {
  const result = await authorize(token({ client_id: "client-8", scope: "WildRydes/CustomizeUnicorn" }));
  assert.deepEqual(allowed(result), LISTS);
  assert.deepEqual(result.context, {});
});

test("a scope counts only as a whole", async () => {
  const result = await authorize(token({ scope: "WildRydes/ManagePartnersToo xWildRydes/CustomizeUnicorn" }));
  assert.deepEqual(allowed(result), LISTS);
});

test("forged, foreign and expired tokens are refused", async () => {
  const past = Math.floor(Date.now() / 1000) - 60;
  const [head, body] = token().split(".");
  const refused = {
    "signed by a stranger": token({}, { key: strangersKey }),
    "an unknown key": token({}, { header: { kid: "key-2" } }),
    "no key id": token({}, { header: { kid: undefined } }),
    "no algorithm": token({}, { header: { alg: "none" } }),
    "a symmetric algorithm": token({}, { header: { alg: "HS256" } }),
    "no signature": `${head}.${body}.`,
    expired: token({ iat: past - 3600, exp: past }),
    "another user pool": token({ iss: `https://cognito-idp.us-east-1.amazonaws.com/${POOL}x` }),
    "an ID token": token({ token_use: "id" }),
  };
  for (const [what, text] of Object.entries(refused)) {
    await assert.rejects(authorize(text), { message: "Unauthorized" }, what);
  }
});

test("a table that can't be read is an error, not a policy", async () => {
  aws.state.fail.GetItem = "AccessDeniedException";
  await assert.rejects(authorize(token({ client_id: "client-7", scope: "WildRydes/CustomizeUnicorn" })), {
    name: "AccessDeniedException",
  });
});
