import { Problem } from "./problem";
import type { components } from "./schema";

type Schemas = components["schemas"];
type Known = Schemas["PasskeyRef"][];

/** Bytes travel as base64url without padding. */
export function fromBase64Url(text: string): Uint8Array<ArrayBuffer> {
  const raw = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(raw, (character) => character.charCodeAt(0));
}

export function toBase64Url(bytes: ArrayBuffer): string {
  const raw = String.fromCharCode(...new Uint8Array(bytes));
  return btoa(raw).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

export function hasPasskeys(): boolean {
  return typeof PublicKeyCredential !== "undefined" && window.isSecureContext;
}

function descriptors(known: Known): PublicKeyCredentialDescriptor[] {
  return known.map(({ id, transports }) => ({
    type: "public-key",
    id: fromBase64Url(id),
    transports: transports as AuthenticatorTransport[],
  }));
}

const CODES: Record<string, string> = {
  InvalidStateError: "passkey_known",
  SecurityError: "passkey_elsewhere",
};

/** What the browser said, as a problem with words: mostly that the person closed its window. */
function problemOfBrowser(error: unknown): Problem {
  const name = error instanceof DOMException ? error.name : "";
  const code = CODES[name] ?? "passkey_cancelled";
  return new Problem({ status: 0, code, title: "No passkey was given" }, null);
}

async function asked(ask: Promise<Credential | null>): Promise<PublicKeyCredential> {
  const found = await ask.catch((error: unknown) => {
    throw problemOfBrowser(error);
  });
  if (!(found instanceof PublicKeyCredential)) throw problemOfBrowser(null);
  return found;
}

export async function createPasskey(
  offer: Schemas["PasskeyOffer"],
): Promise<Omit<Schemas["PasskeyAddition"], "name">> {
  const made = await asked(
    navigator.credentials.create({
      publicKey: {
        challenge: fromBase64Url(offer.challenge),
        rp: { id: offer.rp_id, name: offer.rp_name },
        user: {
          id: fromBase64Url(offer.user_id),
          name: offer.user_name,
          displayName: offer.user_display_name,
        },
        pubKeyCredParams: offer.algorithms.map((alg) => ({ type: "public-key", alg })),
        excludeCredentials: descriptors(offer.known),
        authenticatorSelection: { userVerification: "required", residentKey: "preferred" },
        attestation: "none",
        timeout: offer.timeout_ms,
      },
    }),
  );
  const response = made.response as AuthenticatorAttestationResponse;
  return {
    credential_id: made.id,
    client_data: toBase64Url(response.clientDataJSON),
    attestation_object: toBase64Url(response.attestationObject),
    transports: response.getTransports(),
  };
}

export async function signWithPasskey(
  request: Schemas["PasskeyRequest"],
): Promise<Schemas["PasskeyProof"]> {
  const given = await asked(
    navigator.credentials.get({
      publicKey: {
        challenge: fromBase64Url(request.challenge),
        rpId: request.rp_id,
        allowCredentials: descriptors(request.known),
        userVerification: "required",
        timeout: request.timeout_ms,
      },
    }),
  );
  const response = given.response as AuthenticatorAssertionResponse;
  return {
    credential_id: given.id,
    client_data: toBase64Url(response.clientDataJSON),
    authenticator_data: toBase64Url(response.authenticatorData),
    signature: toBase64Url(response.signature),
  };
}
