// Module 3's permissions.js: what it asks the policy store, and what it leaves there.
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { STORE, startAws } from "./aws.js";

let aws;
let permissions;

before(async () => {
  aws = await startAws();
  permissions = await import("../api/permissions.js");
});

after(() => aws?.stop());

beforeEach(() => {
  Object.assign(aws.state, { asked: [], policies: [], fail: {} });
});

test("the owner may, and nobody else", async () => {
  await permissions.grant("client-1", 7);
  assert.equal(await permissions.may("GetUnicorn", "client-1", "7"), true);
  assert.equal(await permissions.may("GetUnicorn", "client-2", "7"), false);
  assert.equal(await permissions.may("GetUnicorn", "client-1", "8"), false);
});

test("it asks with the names of the store's schema", async () => {
  await permissions.may("DeleteUnicorn", "client-1", 7);
  assert.deepEqual(aws.state.asked, [
    {
      policyStoreId: STORE,
      principal: { entityType: "WildRydes::User", entityId: "client-1" },
      action: { actionType: "WildRydes::Action", actionId: "DeleteUnicorn" },
      resource: { entityType: "WildRydes::Unicorn", entityId: "7" },
    },
  ]);
});

test("a granted policy is linked to the template", async () => {
  await permissions.grant("client-1", 7);
  const [policy] = aws.state.policies;
  assert.equal(policy.policyStoreId, STORE);
  assert.equal(policy.policyTemplateId, "template-1");
});

test("a deleted unicorn leaves no policy, and others keep theirs", async () => {
  await permissions.grant("client-1", 7);
  await permissions.grant("client-2", 7);
  await permissions.grant("client-1", 8);
  await permissions.revoke("7");
  assert.deepEqual(aws.state.policies.map(({ resource }) => resource.entityId), ["8"]);
});

test("without an answer nobody gets through", async () => {
  aws.state.fail.IsAuthorized = "AccessDeniedException";
  await assert.rejects(permissions.may("GetUnicorn", "client-1", "7"), { name: "AccessDeniedException" });
});
