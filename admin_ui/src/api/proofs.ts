import { client } from "./client";
import { present } from "./present";
import type { components } from "./schema";
import { type Session, useReplaceSession } from "./session";
import { type IntentHeaders, useIntent } from "./use_intent";

export type Offer = components["schemas"]["InvitationOffer"];
type Acceptance = components["schemas"]["InvitationAcceptance"];
type Reset = components["schemas"]["PasswordReset"];
type Then = { onSuccess: (session: Session) => void | Promise<void> };

/** Each of these ends in a login session of its own, which replaces what this browser had. */
function useEntering<Body>(
  call: (body: Body, headers: IntentHeaders) => Promise<{ data?: Session }>,
  then: Then,
) {
  const replace = useReplaceSession();
  return useIntent(async (body: Body, headers) => present(await call(body, headers)), {
    onSuccess: async (session) => {
      replace(session);
      await then.onSuccess(session);
    },
  });
}

export function useResetPassword(then: Then) {
  return useEntering(
    (body: Reset, headers) => client.POST("/v1/password-reset", { body, headers }),
    then,
  );
}

export function useAcceptAsNew(then: Then) {
  return useEntering(
    (body: Acceptance, headers) => client.POST("/v1/invitation/accept-new", { body, headers }),
    then,
  );
}

export function useAccept(then: Then) {
  return useEntering(
    (body: { token: string }, headers) => client.POST("/v1/invitation/accept", { body, headers }),
    then,
  );
}
