import { CognitoIdentityProviderClient, CreateUserPoolClientCommand } from "@aws-sdk/client-cognito-identity-provider";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, PutCommand } from "@aws-sdk/lib-dynamodb";
import { first, query } from "./database.js";
import { answer, failure, readBody } from "./http.js";

const cognito = new CognitoIdentityProviderClient();
const table = DynamoDBDocumentClient.from(new DynamoDBClient());

/** Makes the client that the partner's programs sign in with. */
async function createClient(name) {
  const { UserPoolClient } = await cognito.send(
    new CreateUserPoolClientCommand({
      UserPoolId: process.env.USER_POOL_ID,
      ClientName: name,
      GenerateSecret: true,
      AllowedOAuthFlows: ["client_credentials"],
      AllowedOAuthFlowsUserPoolClient: true,
      AllowedOAuthScopes: ["WildRydes/CustomizeUnicorn"],
    }),
  );
  return { ClientID: UserPoolClient.ClientId, ClientSecret: UserPoolClient.ClientSecret };
}

/** Makes the company's client, and notes which company it belongs to. */
async function createCredentials(name, company) {
  const credentials = await createClient(name);
  await table.send(
    new PutCommand({
      TableName: process.env.PARTNER_TABLE,
      Item: { ClientID: credentials.ClientID, CompanyID: String(company), CompanyName: name },
    }),
  );
  return credentials;
}

/** POST /partners: a company, its client, and the row that joins them. */
export async function handler(event) {
  const name = readBody(event)?.name;
  if (typeof name !== "string" || name === "") {
    return answer(400, { message: "The body needs a name" });
  }
  let company;
  try {
    // HOLE: the caller's text goes into the SQL as it comes (module 5).
    company = first(await query(`INSERT INTO Companies (NAME) VALUES ('${name}')`)).insertId;
  } catch (error) {
    return error.code === "ER_DUP_ENTRY"
      ? answer(400, { message: "Company already registered" })
      : failure("Error registering the partner", error);
  }
  try {
    return answer(200, await createCredentials(name, company));
  } catch (error) {
    // Without a client the company is of no use, and its name would stay taken.
    await query(`DELETE FROM Companies WHERE ID = ${company}`).catch((second) => console.error(second));
    return error.name === "ScopeDoesNotExistException"
      ? answer(409, { message: "The user pool has no scope WildRydes/CustomizeUnicorn yet" })
      : failure("Error registering the partner", error);
  }
}
