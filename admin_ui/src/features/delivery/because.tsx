import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { ExclusionView } from "@/api/shapes";
import classes from "./session_page.module.css";

type Piece = ExclusionView["because"][number];

/** What speaks against a recipient, in words, each linked to where it can be looked at. */
export function Because({ row }: { row: ExclusionView }) {
  if (row.because.length === 0) return <span className="mono">{row.evidence}</span>;
  return (
    <ul className={classes.because}>
      {row.because.map((piece) => (
        <li key={`${piece.kind} ${piece.id} ${piece.value}`}>
          <Named piece={piece} row={row} />
        </li>
      ))}
    </ul>
  );
}

function Named({ piece, row }: { piece: Piece; row: ExclusionView }): ReactNode {
  const { t, i18n } = useTranslation("targeting");
  const { kind, id, label, value } = piece;
  const country = (code: string) =>
    new Intl.DisplayNames(i18n.language, { type: "region" }).of(code) ?? code;
  switch (kind) {
    case "opt_out":
      // A masked number finds nobody: the list is opened as it is.
      return (
        <Link to="/opt-outs" search={row.phone.includes("•") ? {} : { q: row.phone }}>
          {t("because.opt_out")}
        </Link>
      );
    case "subscriber":
      return (
        <Link to="/subscribers" search={{ open: id ?? undefined }}>
          {t("because.subscriber")}
        </Link>
      );
    case "group":
      return label === null ? (
        t("because.gone")
      ) : (
        <Link to="/groups/$groupId" params={{ groupId: id ?? "" }}>
          {t("because.group", { name: label })}
        </Link>
      );
    case "target_group":
      return label === null ? (
        t("because.gone")
      ) : (
        <Link to="/target-groups/$targetGroupId" params={{ targetGroupId: id ?? "" }}>
          {t("because.target_group", { name: label })}
        </Link>
      );
    case "session":
      return (
        <Link to="/campaigns/$sessionId" params={{ sessionId: id ?? "" }}>
          {t("because.session", { name: label ?? t("because.unnamed") })}
        </Link>
      );
    case "settings":
      return <Link to="/sending-settings">{t("because.settings")}</Link>;
    case "cap": {
      const [messages = "", days = ""] = (value ?? "").split(":");
      return t("caps.words", { messages, days });
    }
    case "campaign":
      return t("because.campaign");
    case "legal":
      return t("because.legal", { country: country(value ?? "") });
    case "country":
      return t("because.country", { country: country(value ?? "") });
    case "number":
      return i18n.exists(`because.number.${value}`, { ns: "targeting" })
        ? t(`because.number.${value as "unreachable"}`)
        : t("because.number.other");
    case "property":
    case "attribute":
      return t("because.value", { name: value ?? "" });
    case "segments":
      return t("because.segments", { segments: value ?? "" });
    case "phone":
      return t("because.phone");
    default:
      return <span className="mono">{value ?? kind}</span>;
  }
}
