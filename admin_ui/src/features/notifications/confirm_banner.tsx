import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { client } from "@/api/client";
import type { Session } from "@/api/session";
import { useIntent } from "@/api/use_intent";
import { Callout } from "@/ui/callout";
import { ErrorState } from "@/ui/states";
import classes from "./notices.module.css";

/** Above every page until the address is confirmed: what cannot be done yet, and the way out. */
export function ConfirmBanner({ session }: { session: Session }) {
  const { t } = useTranslation("notices");
  const resending = useIntent((_: null, headers) =>
    client.POST("/v1/email-confirmation/resend", { headers }),
  );
  const isMine = !session.account.is_email_confirmed;
  if (!isMine && session.tenant?.is_confirmed !== false) return null;
  return (
    <div className={classes.banner}>
      <Callout
        tone="warn"
        title={isMine ? t("confirm.banner") : undefined}
        action={
          isMine && (
            <Button
              size="compact-md"
              variant="default"
              loading={resending.isPending}
              disabled={resending.isSuccess}
              onClick={() => resending.mutate(null)}
            >
              <span aria-live="polite">
                {resending.isSuccess ? t("confirm.resent") : t("confirm.resend")}
              </span>
            </Button>
          )
        }
      >
        {isMine
          ? t("confirm.banner_text", { email: session.account.email })
          : t("confirm.banner_other")}
      </Callout>
      {resending.isError && <ErrorState error={resending.error} compact />}
    </div>
  );
}
