import { useTranslation } from "react-i18next";
import { RelativeTime } from "@/ui/relative_time";
import { StatusPill, type Tone } from "@/ui/status_pill";
import type { BillingProfile } from "./billing";
import { sameVatId } from "./profile_form";
import classes from "./profile_page.module.css";

const TONES = {
  none: "idle",
  format_valid: "info",
  confirmed: "ok",
  unknown_to_register: "bad",
  not_checkable: "idle",
} as const satisfies Record<BillingProfile["vat_state"], Tone>;

/** What the register says of the saved id, and what that means for the tax. */
export function VatCheck({ profile, typed }: { profile: BillingProfile; typed: string }) {
  const { t } = useTranslation("billing");
  if (sameVatId(typed) !== sameVatId(profile.vat_id ?? "")) {
    return <p className={classes.vat}>{t("vat.changed")}</p>;
  }
  if (profile.vat_state === "none") return <p className={classes.vat}>{t("vat.none_text")}</p>;
  return (
    <div className={classes.vat} role="status">
      <StatusPill
        tone={TONES[profile.vat_state]}
        icon={profile.vat_state === "format_valid" ? "waiting" : undefined}
      >
        {t(`vat.${profile.vat_state}`)}
      </StatusPill>
      <p>
        {t(`vat.${profile.vat_state}_text`)}{" "}
        {profile.vat_checked_at !== null && (
          <>
            {t("vat.checked")} <RelativeTime at={profile.vat_checked_at} />
          </>
        )}
      </p>
    </div>
  );
}
