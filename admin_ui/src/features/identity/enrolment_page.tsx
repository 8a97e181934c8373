import { IconDeviceMobile, IconFingerprint } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Factors, factorsQuery } from "@/api/factors";
import { sessionQuery, useLogout } from "@/api/session";
import { Tag } from "@/ui/status_pill";
import { EntryFrame } from "./entry_frame";
import frame from "./entry_frame.module.css";
import { AddApp, AddPasskey, RecoveryCodes } from "./factor_forms";
import classes from "./factor_forms.module.css";
import { StepUpHost } from "./step_up_host";
import { usePasskeyObstacle } from "./use_passkey_obstacle";
import "@mantine/core/styles.layer.css";

type Kind = "app" | "passkey";

/** Where our own people are led before anything else: a second factor, then its recovery codes. */
export function EnrolmentPage() {
  const { t } = useTranslation("factor");
  const navigate = useNavigate();
  const queries = useQueryClient();
  const logout = useLogout({ onSuccess: () => navigate({ to: "/login" }) });
  const [kind, setKind] = useState<Kind | null>(null);
  const [codes, setCodes] = useState<string[] | null>(null);

  async function goOn() {
    await queries.fetchQuery({ ...sessionQuery, staleTime: 0 });
    await navigate({ to: "/" });
  }
  function added(factors: Factors) {
    setCodes(factors.recovery_codes ?? []);
  }
  if (codes !== null) {
    return (
      <EntryFrame>
        <h1>{t("codes.title")}</h1>
        <RecoveryCodes codes={codes} onKept={() => void goOn()} />
      </EntryFrame>
    );
  }
  return (
    <EntryFrame>
      <h1>{t("enrol.title")}</h1>
      {kind === null && <p>{t("enrol.text")}</p>}
      {kind === null && <Choices onChosen={setKind} />}
      {kind === "app" && <AddApp onAdded={added} />}
      {kind === "passkey" && <AddPasskey onAdded={added} />}
      <p className={frame.foot}>
        {kind !== null && (
          <button type="button" className={frame.link} onClick={() => setKind(null)}>
            {t("way.others")}
          </button>
        )}{" "}
        <button type="button" className={frame.link} onClick={() => logout.mutate(null)}>
          {t("enrol.log_out")}
        </button>
      </p>
      <StepUpHost />
    </EntryFrame>
  );
}

function Choices({ onChosen }: { onChosen: (kind: Kind) => void }) {
  const { t } = useTranslation("factor");
  const { data } = useQuery(factorsQuery);
  const obstacle = usePasskeyObstacle(data);
  return (
    <ul className={classes.choices}>
      <li>
        <button
          type="button"
          className={classes.choice}
          disabled={obstacle !== null}
          onClick={() => onChosen("passkey")}
        >
          <IconFingerprint size={22} aria-hidden />
          <span>
            <strong>
              {t("enrol.passkey")} <Tag tone="accent">{t("enrol.best")}</Tag>
            </strong>
            <small>{obstacle ?? t("enrol.passkey_text")}</small>
          </span>
        </button>
      </li>
      <li>
        <button type="button" className={classes.choice} onClick={() => onChosen("app")}>
          <IconDeviceMobile size={22} aria-hidden />
          <span>
            <strong>{t("enrol.app")}</strong>
            <small>{t("enrol.app_text")}</small>
          </span>
        </button>
      </li>
    </ul>
  );
}
