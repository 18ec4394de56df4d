// Sends module 0's attack, and says which layer stopped it.
// Usage: node tools/attack.mjs API_URL ORDER_FILE [HEADER_FILE]
// HEADER_FILE holds a partner's headers, one a line ("Authorization: …"), as curl's -H @FILE takes them.
import { readFileSync } from "node:fs";

const [url, orderFile, headerFile] = process.argv.slice(2);
if (!orderFile) {
  console.error("Usage: node tools/attack.mjs API_URL ORDER_FILE [HEADER_FILE]");
  process.exit(2);
}
const order = readFileSync(orderFile, "utf8");
const lines = headerFile ? readFileSync(headerFile, "utf8").split("\n").filter((line) => line.includes(":")) : [];
const partner = Object.fromEntries(
  lines.map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1).trim()]),
);

/** What the API answers: status, error type, and the body where it is JSON. */
async function call(path, headers, body) {
  const answer = await fetch(new URL(path, url.endsWith("/") ? url : `${url}/`), {
    method: body === undefined ? "GET" : "POST",
    headers: body === undefined ? headers : { ...headers, "content-type": "application/json" },
    body,
  });
  const text = await answer.text();
  let json;
  try {
    json = JSON.parse(text);
  } catch {
    // API Gateway's own answers are JSON; anything else is judged by its status.
  }
  return { status: answer.status, kind: answer.headers.get("x-amzn-errortype") ?? "", json };
}

/** How many socks the shop sells, or undefined where the caller may not ask. */
async function socks(headers) {
  const { status, json } = await call("socks", headers);
  return status === 200 && Array.isArray(json) ? json.length : undefined;
}

/** The firewall comes before the authorizer: only it answers 403 to a caller who names nobody. */
async function isFirewall(headers) {
  return headers !== partner && (await call("socks", headers)).status !== 403;
}

async function stoppedBy({ status, kind, json }, headers) {
  const message = json?.message ?? json?.Message ?? "";
  if (status === 401) return "the authorizer (module 1): it knows no such caller";
  if (status === 403 && (kind === "AccessDeniedException" || message.includes("not authorized"))) {
    return "the authorizer (module 1): this caller may not send orders";
  }
  if (status === 403 && kind !== "MissingAuthenticationTokenException" && message === "Forbidden") {
    return (await isFirewall(headers))
      ? "the firewall (module 10)"
      : "the usage plan (module 9): the call brings no key that counts";
  }
  if (status === 429) return "the usage plan (module 9): too many calls";
  if (status === 400 && message === "Invalid request body") return "the request validator (module 5)";
  return undefined;
}

/** Without a token first. Where that is refused for want of one, as the partner. */
async function attack() {
  let headers = {};
  let before = await socks(headers);
  let answer = await call("customizations", headers, order);
  if (answer.status === 401 && lines.length > 0) {
    headers = partner;
    before = await socks(headers);
    answer = await call("customizations", headers, order);
  }
  console.log(`POST /customizations ${headers === partner ? "as the partner" : "without a token"}: ${answer.status}`);
  const layer = await stoppedBy(answer, headers);
  if (layer) return `Stopped by ${layer}.`;
  if (answer.status !== 200) return "No layer says that it stopped this. It may have reached the function: read its log.";
  return `Not stopped. Socks on sale: ${before ?? "?"} before, ${(await socks(headers)) ?? "?"} now.`;
}

try {
  console.log(await attack());
} catch (error) {
  console.error(`${url} can't be called: ${error.cause?.message ?? error.message}`);
  process.exitCode = 1;
}
