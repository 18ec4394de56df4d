import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, PutCommand } from "@aws-sdk/lib-dynamodb";
import { query } from "./database.js";

const table = DynamoDBDocumentClient.from(new DynamoDBClient());
const PARTS = { Socks: "SOCK", Horns: "HORN", Glasses: "GLASSES", Capes: "CAPE" };

/** How often each part of one kind is ordered, by the part's name. */
async function count(kind, column) {
  const rows = await query(
    `SELECT part.NAME AS name, COUNT(*) AS orders
     FROM Custom_Unicorns AS unicorn JOIN ${kind} AS part ON part.ID = unicorn.${column}
     GROUP BY part.ID, part.NAME`,
  );
  return Object.fromEntries(rows.map((row) => [row.name, row.orders]));
}

/** Runs every two minutes: counts the ordered parts and writes one row. */
export async function handler() {
  const item = { RecordTimeStamp: new Date().toISOString() };
  for (const [kind, column] of Object.entries(PARTS)) {
    item[kind] = await count(kind, column);
  }
  await table.send(new PutCommand({ TableName: process.env.DEMAND_TABLE, Item: item }));
  return item;
}
