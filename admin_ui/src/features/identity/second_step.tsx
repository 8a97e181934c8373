import { useTranslation } from "react-i18next";
import { type Session, useLogout, useReplaceSession } from "@/api/session";
import { EntryFrame } from "./entry_frame";
import classes from "./entry_frame.module.css";
import { ProofForm } from "./proof_form";

type Props = { session: Session; onDone: () => void | Promise<void>; onLeft: () => void };

/** The password was right; nothing else is open before this. */
export function SecondStep({ session, onDone, onLeft }: Props) {
  const { t } = useTranslation("factor");
  const replace = useReplaceSession();
  const logout = useLogout({ onSuccess: onLeft });
  return (
    <EntryFrame>
      <h1>{t("step.title")}</h1>
      <p>{t("step.text")}</p>
      <ProofForm
        ways={session.ways}
        onProven={(proven) => {
          replace(proven);
          return onDone();
        }}
      />
      <p className={classes.foot}>
        <button type="button" className={classes.link} onClick={() => logout.mutate(null)}>
          {t("step.leave")}
        </button>
      </p>
    </EntryFrame>
  );
}
