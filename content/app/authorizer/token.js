import { JwtVerifier } from "aws-jwt-verify";
import { FetchError, JwksNotAvailableInCacheError, JwksValidationError } from "aws-jwt-verify/error";
import { SimpleJwksCache } from "aws-jwt-verify/jwk";

const region = process.env.AWS_REGION;
const pool = process.env.USER_POOL_ID;
const cognito = `https://cognito-idp.${region}.amazonaws.com`;
// The SDK's own variable: where an emulator stands in for AWS, it serves the keys too.
const keys = process.env.AWS_ENDPOINT_URL || cognito;

/** Downloads the user pool's public keys, also without TLS where an emulator serves them. */
const fetcher = {
  async fetch(address) {
    const response = await fetch(address, { signal: AbortSignal.timeout(5000) }).catch((error) => {
      throw new FetchError(address, error.message);
    });
    if (!response.ok) {
      throw new FetchError(address, `status ${response.status}`);
    }
    return response.arrayBuffer();
  },
};

const verifier = JwtVerifier.create(
  {
    issuer: `${cognito}/${pool}`,
    jwksUri: `${keys.replace(/\/$/, "")}/${pool}/.well-known/jwks.json`,
    audience: null, // Cognito's access tokens name a client instead.
    customJwtCheck({ payload }) {
      if (payload.token_use !== "access") {
        throw new Error("not an access token");
      }
    },
  },
  { jwksCache: new SimpleJwksCache({ fetcher }) },
);

/** Errors that say nothing about the token: the keys could not be had. */
function isOutage(error) {
  return [FetchError, JwksNotAvailableInCacheError, JwksValidationError].some((kind) => error instanceof kind);
}

/**
 * The claims of a valid access token of this user pool, or null.
 * Throws where the pool's keys can't be had: then nobody can tell whether the token is valid.
 */
export async function verifyToken(header) {
  const token = (header ?? "").replace(/^Bearer /i, "");
  try {
    return await verifier.verify(token);
  } catch (error) {
    if (isOutage(error)) {
      throw error;
    }
    console.error("refused a token:", error.constructor.name);
    return null;
  }
}
