// Writes down who has a book; nobody, when it is brought back.
import { DynamoDBClient, UpdateItemCommand } from "@aws-sdk/client-dynamodb";

const client = new DynamoDBClient();

export const handler = async ({ title, reader = "" }) => {
  await client.send(new UpdateItemCommand({
    TableName: process.env.BOOKS_TABLE,
    Key: { Title: { S: title } },
    UpdateExpression: "SET Reader = :reader",
    ExpressionAttributeValues: { ":reader": { S: reader } },
  }));
  return { title, reader };
};
