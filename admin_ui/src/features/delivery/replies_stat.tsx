import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { SessionView } from "@/api/shapes";
import { formatInteger } from "@/ui/format";
import { Stat } from "@/ui/stat";
import { replyCountsQuery } from "./queries";

export function Replies({ session }: { session: SessionView }) {
  const { t, i18n } = useTranslation("sending");
  const counts = useQuery(replyCountsQuery(session.id)).data;
  const number = (value: number | undefined) =>
    value === undefined ? "–" : formatInteger(value, i18n.language);
  return (
    <Stat
      label={t("replies.count")}
      value={number(counts?.replies)}
      note={t("replies.note", { stops: number(counts?.stops) })}
    />
  );
}
