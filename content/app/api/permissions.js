import {
  CreatePolicyCommand,
  DeletePolicyCommand,
  IsAuthorizedCommand,
  ListPoliciesCommand,
  VerifiedPermissionsClient,
} from "@aws-sdk/client-verifiedpermissions";

const store = new VerifiedPermissionsClient();
const policyStoreId = process.env.AVP_POLICY_STORE_ID;
const policyTemplateId = process.env.AVP_POLICY_TEMPLATE_ID;

const user = (id) => ({ entityType: "WildRydes::User", entityId: id });
const unicorn = (id) => ({ entityType: "WildRydes::Unicorn", entityId: String(id) });

/** Whether the caller may do this with the unicorn: the policy store decides. */
export async function may(actionId, caller, id) {
  const { decision } = await store.send(
    new IsAuthorizedCommand({
      policyStoreId,
      principal: user(caller),
      action: { actionType: "WildRydes::Action", actionId },
      resource: unicorn(id),
    }),
  );
  return decision === "ALLOW";
}

/** Makes the caller the unicorn's owner: one policy from the template. */
export async function grant(caller, id) {
  await store.send(
    new CreatePolicyCommand({
      policyStoreId,
      definition: { templateLinked: { policyTemplateId, principal: user(caller), resource: unicorn(id) } },
    }),
  );
}

/** Deletes the policies of a unicorn that is gone. */
export async function revoke(id) {
  const filter = { policyType: "TEMPLATE_LINKED", resource: { identifier: unicorn(id) } };
  const found = [];
  let nextToken;
  do {
    const page = await store.send(new ListPoliciesCommand({ policyStoreId, filter, nextToken }));
    found.push(...page.policies);
    nextToken = page.nextToken;
  } while (nextToken);
  for (const { policyId } of found) {
    await store.send(new DeletePolicyCommand({ policyStoreId, policyId }));
  }
}
