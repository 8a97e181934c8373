import { Progress } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Callout } from "@/ui/callout";
import { Section } from "@/ui/page_header";
import { RelativeTime } from "@/ui/relative_time";
import { StatusPill, type Tone } from "@/ui/status_pill";
import classes from "./auto_reload_page.module.css";
import type { AutoReload } from "./billing";
import { formatMoney } from "./money";
import { ConfirmAtBank } from "./purchase_return";
import { declineOf } from "./purchase_words";

const TONES = {
  off: "idle",
  on: "ok",
  backing_off: "warn",
  paused: "bad",
} as const satisfies Record<AutoReload["state"], Tone>;

/** Whether it works, why it does not, and how much of the month's limit is gone. */
export function AutoReloadState({ setting }: { setting: AutoReload | null }) {
  const { t } = useTranslation("billing");
  return (
    <Section title={t("reload.now")}>
      {setting === null ? (
        <p className={classes.quiet}>{t("reload.never")}</p>
      ) : (
        <Standing setting={setting} />
      )}
    </Section>
  );
}

function Standing({ setting }: { setting: AutoReload }) {
  const { t, i18n } = useTranslation("billing");
  const { state, stop_reason, retry_at, spent_this_month_minor, monthly_cap_minor } = setting;
  const money = (minor: number) => formatMoney(minor, setting.currency, i18n.language);
  const share = Math.min(1, spent_this_month_minor / monthly_cap_minor);
  const why = `decline.${declineOf(setting.last_failure_code)}` as "decline.declined";
  return (
    <div className={classes.state}>
      <div>
        <StatusPill tone={TONES[state]}>{t(`reload.state.${state}`)}</StatusPill>
      </div>
      {state === "on" && setting.last_failure_code === null && (
        <p className={classes.quiet}>{t("reload.on_text")}</p>
      )}
      {stop_reason !== null && (
        <Callout tone="bad" title={t(`reload.stopped.${stop_reason}`)}>
          {t(`reload.stopped_text.${stop_reason}`)}
        </Callout>
      )}
      {setting.needs_authentication && setting.last_purchase_id !== null && (
        <Callout
          tone="warn"
          title={t("return.confirm")}
          action={<ConfirmAtBank purchaseId={setting.last_purchase_id} />}
        >
          {t("return.confirm_text")}
        </Callout>
      )}
      {state === "backing_off" && retry_at !== null && (
        <Callout tone="warn" title={t("reload.refused", { count: setting.failures })}>
          {t(why)} {t("reload.again")} <RelativeTime at={retry_at} />.
        </Callout>
      )}
      <div>
        <p className={classes.quiet}>
          {t("reload.spent", {
            spent: money(spent_this_month_minor),
            cap: money(monthly_cap_minor),
          })}
        </p>
        <Progress
          mt={6}
          className={classes.meter}
          value={share * 100}
          color={share >= 1 ? "var(--warn-fill)" : "var(--accent-fill)"}
          aria-label={t("reload.month")}
        />
      </div>
    </div>
  );
}
