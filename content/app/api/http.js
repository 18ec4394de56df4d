/** An answer that API Gateway passes on as it is. */
export function answer(statusCode, body) {
  return {
    statusCode,
    headers: { "Access-Control-Allow-Origin": "*", "Content-Type": "application/json" },
    body: JSON.stringify(body),
  };
}

/** The request's JSON object, or null where the body holds none. */
export function readBody(event) {
  try {
    const text = event.isBase64Encoded ? Buffer.from(event.body, "base64").toString() : event.body;
    const value = JSON.parse(text);
    return value !== null && typeof value === "object" && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}

/** Says in the log what went wrong, and to the caller only that something did. */
export function failure(what, error) {
  console.error(what, error);
  return answer(500, { message: what });
}
