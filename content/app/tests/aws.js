// A stand-in for the few AWS calls that the functions make: it keeps what it is sent.
import { generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { createServer } from "node:http";

const REGION = "us-east-1";
export const POOL = "us-east-1_Test";
export const STORE = "PSEXAMPLEabcdefg111111";
export const PARTNER_TABLE = "CustomizeUnicorns-WildRydePartners";

const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
export const strangersKey = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;

function encoded(value) {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

/** A token like those of the user pool. `header` and `claims` replace what it would say. */
export function token(claims = {}, { header = {}, key = privateKey } = {}) {
  const now = Math.floor(Date.now() / 1000);
  const head = encoded({ alg: "RS256", kid: "key-1", ...header });
  const body = encoded({
    iss: `https://cognito-idp.${REGION}.amazonaws.com/${POOL}`,
    token_use: "access",
    client_id: "client-1",
    scope: "WildRydes/ManagePartners",
    iat: now,
    exp: now + 3600,
    ...claims,
  });
  const signature = sign("sha256", Buffer.from(`${head}.${body}`), key).toString("base64url");
  return `${head}.${body}.${signature}`;
}

/** A policy as Verified Permissions answers with it. */
function described({ policyId, policyStoreId, policyTemplateId, principal, resource }) {
  const now = new Date().toISOString();
  const definition = { templateLinked: { policyTemplateId, principal, resource } };
  return { policyId, policyStoreId, policyType: "TEMPLATE_LINKED", principal, resource, definition, createdDate: now, lastUpdatedDate: now };
}

/** Starts the stand-in and points the SDK at it. `state.fail` is an error that the next call answers. */
export async function startAws() {
  const state = {
    clients: [],
    items: {},
    asked: [],
    policies: [],
    // A secret: labels and value of each version.
    secret: { rotated: true, versions: {} },
    fail: {},
    keysUp: true,
    keyDownloads: 0,
  };
  const operations = {
    CreateUserPoolClient(input) {
      state.clients.push(input);
      const id = `client${state.clients.length}`;
      return { UserPoolClient: { ClientId: id, ClientSecret: `secret-of-${id}`, ClientName: input.ClientName } };
    },
    PutItem({ TableName, Item }) {
      (state.items[TableName] ??= []).push(Item);
      return {};
    },
    IsAuthorized(input) {
      state.asked.push(input);
      const owns = state.policies.some(({ principal, resource }) =>
        principal.entityId === input.principal.entityId && resource.entityId === input.resource.entityId);
      return { decision: owns ? "ALLOW" : "DENY", determiningPolicies: [], errors: [] };
    },
    CreatePolicy({ policyStoreId, definition }) {
      const policy = { policyId: `policy${state.policies.length + 1}`, policyStoreId, ...definition.templateLinked };
      state.policies.push(policy);
      return described(policy);
    },
    // One policy a page, so that whoever wants all must turn it.
    ListPolicies({ filter, nextToken = "0" }) {
      const linked = state.policies.filter(({ resource }) => resource.entityId === filter.resource.identifier.entityId);
      const at = Number(nextToken);
      return {
        policies: linked.slice(at, at + 1).map(described),
        ...(at + 1 < linked.length ? { nextToken: String(at + 1) } : {}),
      };
    },
    DeletePolicy({ policyId }) {
      state.policies = state.policies.filter((policy) => policy.policyId !== policyId);
      return {};
    },
    DescribeSecret() {
      const versions = Object.entries(state.secret.versions);
      return {
        RotationEnabled: state.secret.rotated,
        VersionIdsToStages: Object.fromEntries(versions.map(([id, { stages }]) => [id, stages])),
      };
    },
    GetSecretValue({ VersionId, VersionStage = "AWSCURRENT" }) {
      const versions = Object.entries(state.secret.versions);
      const [id, version] = versions.find(([id, { stages }]) =>
        stages.includes(VersionStage) && (VersionId ?? id) === id) ?? [];
      return version?.value === undefined
        ? { __type: "ResourceNotFoundException", message: "no value" }
        : { VersionId: id, SecretString: version.value };
    },
    PutSecretValue({ ClientRequestToken, SecretString, VersionStages }) {
      state.secret.versions[ClientRequestToken] = { stages: VersionStages, value: SecretString };
      return { VersionId: ClientRequestToken };
    },
    UpdateSecretVersionStage({ VersionStage, MoveToVersionId, RemoveFromVersionId }) {
      const { versions } = state.secret;
      if (RemoveFromVersionId) {
        const from = versions[RemoveFromVersionId];
        from.stages = from.stages.filter((stage) => stage !== VersionStage);
      }
      if (MoveToVersionId) versions[MoveToVersionId].stages.push(VersionStage);
      return {};
    },
    GetRandomPassword({ PasswordLength }) {
      return { RandomPassword: randomBytes(PasswordLength).toString("base64url").slice(0, PasswordLength) };
    },
    GetItem({ TableName, Key }) {
      const Item = (state.items[TableName] ?? []).find((item) => item.ClientID?.S === Key.ClientID.S);
      return Item ? { Item } : {};
    },
  };
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) {
      chunks.push(chunk);
    }
    if (request.url === `/${POOL}/.well-known/jwks.json`) {
      state.keyDownloads += 1;
      const keys = [{ ...publicKey.export({ format: "jwk" }), kid: "key-1", use: "sig", alg: "RS256" }];
      response.writeHead(state.keysUp ? 200 : 503).end(JSON.stringify({ keys }));
      return;
    }
    const operation = String(request.headers["x-amz-target"]).split(".")[1];
    const failure = state.fail[operation];
    const result = failure ? { __type: failure, message: failure } : operations[operation](JSON.parse(Buffer.concat(chunks)));
    response.writeHead(result.__type ? 400 : 200, { "Content-Type": "application/x-amz-json-1.0" }).end(JSON.stringify(result));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${server.address().port}`,
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
    USER_POOL_ID: POOL,
    PARTNER_TABLE,
    AVP_POLICY_STORE_ID: STORE,
    AVP_POLICY_TEMPLATE_ID: "template-1",
    DEMAND_TABLE: "CustomizeUnicorns-CustomizationDemandAnalytics",
  });
  return {
    state,
    stop: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}
