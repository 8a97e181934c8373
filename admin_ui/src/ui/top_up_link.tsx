import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useSession } from "@/api/session";

/** Where credits are bought, for whoever may; the others see what is there and who to ask. */
export function TopUpLink() {
  const { t } = useTranslation();
  const role = useSession()?.member_role;
  const pays = role === "owner" || role === "billing";
  return <Link to={pays ? "/credits/buy" : "/credits"}>{t("composer.confirm.top_up")}</Link>;
}
