import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, GetCommand } from "@aws-sdk/lib-dynamodb";
import { verifyToken } from "./token.js";

const table = DynamoDBDocumentClient.from(new DynamoDBClient());
const LISTS = ["GET/socks", "GET/horns", "GET/glasses", "GET/capes"];
const PARTNERS = ["POST/partners"];
const CUSTOMIZATIONS = ["GET/customizations", "POST/customizations", "GET/customizations/*", "DELETE/customizations/*"];

/** The company that a client belongs to, or undefined. */
async function companyOf(clientId) {
  const { Item } = await table.send(
    new GetCommand({ TableName: process.env.PARTNER_TABLE, Key: { ClientID: clientId }, ConsistentRead: true }),
  );
  return Item?.CompanyID;
}

/** What the token's scopes allow, as `VERB/path`, and what the functions are told about the caller. */
async function permissions(claims) {
  const scopes = (claims.scope ?? "").split(" ");
  const allowed = [...LISTS];
  const context = {};
  if (scopes.includes("WildRydes/ManagePartners")) {
    allowed.push(...PARTNERS);
  }
  if (scopes.includes("WildRydes/CustomizeUnicorn")) {
    const company = await companyOf(claims.client_id);
    if (company !== undefined) {
      allowed.push(...CUSTOMIZATIONS);
      context.CompanyID = company;
    }
  }
  return { allowed, context };
}

/**
 * TOKEN authorizer: no valid token, 401; a valid one, a policy for the whole stage. API Gateway
 * keeps the policy for this token, so it must hold for every method and not just for this request.
 */
export async function handler(event) {
  const claims = await verifyToken(event.authorizationToken);
  if (claims === null) {
    throw new Error("Unauthorized"); // This very text makes API Gateway answer 401.
  }
  const { allowed, context } = await permissions(claims);
  const [api, stage] = event.methodArn.split("/");
  return {
    principalId: claims.client_id,
    policyDocument: {
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Action: "execute-api:Invoke",
          Resource: allowed.map((method) => `${api}/${stage}/${method}`),
        },
      ],
    },
    context,
  };
}
