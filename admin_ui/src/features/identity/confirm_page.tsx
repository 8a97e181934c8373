import { Button, Loader } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { client } from "@/api/client";
import { present } from "@/api/present";
import { sessionQuery } from "@/api/session";
import { Callout } from "@/ui/callout";
import { ErrorState } from "@/ui/states";
import { BrokenLink } from "./broken_link";
import { EntryFrame } from "./entry_frame";
import classes from "./entry_frame.module.css";
import { takeSecret } from "./link_secret";

export function ConfirmPage() {
  const [secret] = useState(takeSecret);
  return secret === null ? <BrokenLink /> : <Confirming secret={secret} />;
}

/** Opening the link is the consent; a mail scanner that only fetches the page runs none of this. */
function Confirming({ secret }: { secret: string }) {
  const { t } = useTranslation("notices");
  const queries = useQueryClient();
  const { data, error } = useQuery({
    queryKey: ["confirm", secret],
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
    queryFn: async () => {
      // Whoever is logged in here sends their CSRF token along.
      await queries.ensureQueryData(sessionQuery).catch(() => null);
      const answer = present(
        await client.POST("/v1/email-confirmation", { body: { token: secret } }),
      );
      await queries.invalidateQueries({ queryKey: sessionQuery.queryKey });
      return answer;
    },
  });
  return (
    <EntryFrame>
      <h1>{t("confirm.title")}</h1>
      {data === undefined && error === null && (
        <p role="status">
          <Loader size="xs" aria-hidden /> {t("confirm.working")}
        </p>
      )}
      {data !== undefined && (
        <form>
          <Callout tone="ok" title={t("confirm.done", { email: data.email })} live>
            {t("confirm.done_text")}
          </Callout>
          <Button component={Link} to="/" size="md" fullWidth>
            {t("confirm.go_on")}
          </Button>
        </form>
      )}
      {error !== null && (
        <>
          <ErrorState error={error} compact />
          <p>{t("confirm.failed_text")}</p>
          <p className={classes.foot}>
            <Link to="/login">{t("forgot.back")}</Link>
          </p>
        </>
      )}
    </EntryFrame>
  );
}
