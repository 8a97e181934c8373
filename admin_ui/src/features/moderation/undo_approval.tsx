import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { ErrorState } from "@/ui/states";
import type { CaseKey } from "./queries";
import { useRevoke } from "./writes";

type Props = { at: CaseKey; title: string; onClose: () => void };

/** For ten seconds: what is already sending goes on, and the answer says so. */
export function UndoApproval({ at, title, onClose }: Props) {
  const { t } = useTranslation();
  const revoke = useRevoke();
  if (revoke.isError) return <ErrorState compact error={revoke.error} />;
  if (revoke.isSuccess) {
    return (
      <>
        {t("desk_page.undone")}{" "}
        {revoke.data.sessions_running > 0 &&
          t("desk_page.still_running", { count: revoke.data.sessions_running })}{" "}
        <Button size="compact-xs" variant="subtle" onClick={onClose}>
          {t("desk_page.dismiss")}
        </Button>
      </>
    );
  }
  return (
    <>
      {title}{" "}
      <Button
        size="compact-xs"
        variant="subtle"
        loading={revoke.isPending}
        onClick={() => revoke.mutate({ key: at, reason: t("desk_page.undo_reason") })}
      >
        {t("desk_page.undo")}
      </Button>
    </>
  );
}
