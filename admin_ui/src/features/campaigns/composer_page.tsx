import { useQuery } from "@tanstack/react-query";
import { Navigate, useParams } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { ErrorState, PageSkeleton } from "@/ui/states";
import { Composer } from "./composer";
import { sessionQuery } from "./queries";

/** A draft is written, and the next version of what is scheduled; whatever happened to it meanwhile is told by its own page. */
export function ComposerPage() {
  const { t } = useTranslation();
  const { sessionId } = useParams({ from: "/shell/workspace/campaigns/$sessionId/edit" });
  const session = useQuery(sessionQuery(sessionId));
  if (session.data === undefined) {
    if (session.isError) {
      return (
        <ErrorState
          error={session.error}
          onRetry={() => void session.refetch()}
          safe={t("composer.nothing_sent")}
        />
      );
    }
    return <PageSkeleton />;
  }
  if (!session.data.capabilities.may_edit) {
    return <Navigate to="/campaigns/$sessionId" params={{ sessionId }} replace />;
  }
  return <Composer key={sessionId} session={session.data} />;
}
