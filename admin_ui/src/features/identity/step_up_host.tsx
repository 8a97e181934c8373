import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useKeepSession } from "@/api/factors";
import { type Session, sessionQuery } from "@/api/session";
import { listenForStepUp } from "@/api/step_up";
import { Dialog } from "@/ui/dialog";
import { ProofForm } from "./proof_form";

type Asked = { session: Session; end: (proven: boolean) => void };

/** Opens over whatever asked for a fresh proof; what was refused goes on once it is given. */
export function StepUpHost() {
  const { t } = useTranslation("factor");
  const queries = useQueryClient();
  const keep = useKeepSession();
  const [asked, setAsked] = useState<Asked | null>(null);

  useEffect(
    () =>
      listenForStepUp(async () => {
        const session = await queries.fetchQuery({ ...sessionQuery, staleTime: 0 });
        if (session === null || session.ways.length === 0) return false;
        return new Promise<boolean>((resolve) => setAsked({ session, end: resolve }));
      }),
    [queries],
  );

  if (asked === null) return null;
  function end(proven: boolean) {
    asked?.end(proven);
    setAsked(null);
  }
  return (
    <Dialog title={t("again.title")} onClose={() => end(false)}>
      <p>{t("again.text")}</p>
      <ProofForm
        ways={asked.session.ways}
        onProven={(session) => {
          keep(session);
          end(true);
        }}
      />
    </Dialog>
  );
}
