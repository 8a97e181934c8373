import { Button } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { type IntentHeaders, useIntent } from "@/api/use_intent";
import { useRefresh } from "@/api/use_pages";
import { ConfirmDialog } from "@/ui/confirm_dialog";
import { ReasonDialog } from "@/ui/reason_dialog";
import { StatusPill } from "@/ui/status_pill";
import { useIsMine } from "./finance";
import classes from "./finance.module.css";

type Props = {
  /** What it is called in a button's name: a tenant, a reference. */
  name: string;
  askedBy: string;
  title: string;
  consent: string;
  /** What the first person entered, and what saying yes would do. */
  children: ReactNode;
  approve: (headers: IntentHeaders) => Promise<unknown>;
  decline: (reason: string, headers: IntentHeaders) => Promise<unknown>;
  refreshes: readonly string[];
  /** Where nobody is asked why it is taken back. */
  withoutReason?: boolean;
};

/** Approve or decline what another person entered; one's own can be taken back only. */
export function SecondPerson(props: Props) {
  const { t } = useTranslation("finance");
  const isOwn = useIsMine()(props.askedBy);
  const [asked, setAsked] = useState<"approve" | "decline" | null>(null);
  const refresh = useRefresh();
  const onSuccess = async () => {
    await refresh(...props.refreshes, "/v1/finance/to-do");
    setAsked(null);
  };
  const approving = useIntent((_: string, headers) => props.approve(headers), { onSuccess });
  const declining = useIntent(props.decline, { onSuccess });
  const decline = isOwn ? t("decide.take_back") : t("decide.decline");
  return (
    <span className={classes.verbs}>
      {isOwn ? (
        <StatusPill tone="warn" icon="waiting">
          {t("decide.your_own")}
        </StatusPill>
      ) : (
        <Button
          size="compact-sm"
          aria-label={`${t("decide.approve")}: ${props.name}`}
          onClick={() => setAsked("approve")}
        >
          {t("decide.approve")}
        </Button>
      )}
      <Button
        size="compact-sm"
        variant="default"
        aria-label={`${decline}: ${props.name}`}
        onClick={() => setAsked("decline")}
      >
        {decline}
      </Button>
      <ConfirmDialog
        opened={asked === "approve"}
        onClose={() => setAsked(null)}
        onConfirm={() => approving.mutate("approve")}
        title={props.title}
        confirm={t("decide.approve")}
        consent={props.consent}
        pending={approving.isPending}
        error={approving.error}
      >
        <div className={classes.form}>{props.children}</div>
      </ConfirmDialog>
      <ConfirmDialog
        opened={asked === "decline" && props.withoutReason === true}
        onClose={() => setAsked(null)}
        onConfirm={() => declining.mutate("")}
        title={`${decline}: ${props.name}`}
        confirm={decline}
        danger
        pending={declining.isPending}
        error={declining.error}
      >
        {t("decide.decline_text")}
      </ConfirmDialog>
      {asked === "decline" && props.withoutReason !== true && (
        <ReasonDialog
          title={`${decline}: ${props.name}`}
          text={t("decide.decline_text")}
          label={t("reason")}
          confirm={decline}
          danger
          pending={declining.isPending}
          error={declining.error}
          onClose={() => setAsked(null)}
          onConfirm={(reason) => declining.mutate(reason)}
        />
      )}
    </span>
  );
}
