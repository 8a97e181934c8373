import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { countryName } from "./countries";

type Props = { of: string | null; phone: string };

/** Why somebody is left out, in words and links: the server names it `kind:value`. */
export function Evidence({ of, phone }: Props) {
  const { t, i18n } = useTranslation();
  if (of === null) return null;
  const [kind, ...rest] = of.split(":");
  const value = rest.join(":").split(",")[0] ?? "";
  // The reason beside it says it all; who set it is told where a session's left out are listed.
  if (kind === "cap" || kind === "hours" || kind?.endsWith("group")) return null;
  if (kind === "opt_out") {
    return (
      <Link to="/opt-outs" search={{ q: phone }}>
        {t("evidence.opt_out")}
      </Link>
    );
  }
  if (kind === "subscriber") {
    return (
      <Link to="/subscribers" search={{ open: value }}>
        {t("evidence.subscriber")}
      </Link>
    );
  }
  if (kind === "property" || kind === "attribute") {
    return of.replaceAll(/(property|attribute):/g, "").replaceAll(",", ", ");
  }
  if (kind === "segments") return t("evidence.segments", { count: Number(value) });
  if (kind === "country") return countryName(value.slice(0, 2), i18n.language);
  if (kind === "number") return t("evidence.unreachable");
  return <span className="mono">{of}</span>;
}
