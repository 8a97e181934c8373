import { Switch } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, client } from "@/api/client";
import { present } from "@/api/present";
import type { components } from "@/api/schema";
import { useIntent } from "@/api/use_intent";
import { Section } from "@/ui/page_header";
import { ErrorState, PageSkeleton } from "@/ui/states";
import classes from "./notices.module.css";

type Preference = components["schemas"]["PreferenceView"];

/** A switch is the save: there is no form to forget. */
export function Preferences() {
  const { t } = useTranslation("notices");
  const queries = useQueryClient();
  const { data, error, refetch } = api.useQuery("get", "/v1/notice-preferences");
  const saving = useIntent(
    async (preference: Preference, headers) =>
      present(
        await client.PUT("/v1/notice-preferences", {
          body: { preferences: [preference] },
          headers,
        }),
      ),
    {
      onSuccess: (saved) => {
        queries.setQueryData(["get", "/v1/notice-preferences"], saved);
        return queries.invalidateQueries({ queryKey: ["get", "/v1/notice-preferences"] });
      },
    },
  );
  const [asked, setAsked] = useState<Preference[]>([]);
  const rows = data?.map((row) => asked.find(({ kind }) => kind === row.kind) ?? row);
  /** What the hand has set stays set until the answer is read. */
  const set = (preference: Preference) => {
    const others = (now: Preference[]) => now.filter(({ kind }) => kind !== preference.kind);
    const drop = () => setAsked((now) => now.filter((one) => one !== preference));
    setAsked((now) => [...others(now), preference]);
    saving.mutateAsync(preference).then(drop, drop);
  };
  return (
    <Section
      title={t("preferences.title")}
      aside={<span aria-live="polite">{saving.isSuccess ? t("preferences.saved") : ""}</span>}
    >
      <p className={classes.hint}>{t("preferences.hint")}</p>
      {error !== null && <ErrorState error={error} onRetry={() => void refetch()} />}
      {rows === undefined && error === null && <PageSkeleton />}
      {rows !== undefined && (
        <table className={classes.preferences}>
          <thead>
            <tr>
              <th scope="col">{t("preferences.kind")}</th>
              <th scope="col">{t("preferences.in_app")}</th>
              <th scope="col">{t("preferences.by_mail")}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.kind}>
                <th scope="row">{t(`preferences.when.${row.kind}`)}</th>
                {(["in_app", "by_mail"] as const).map((way) => (
                  <td key={way}>
                    <Switch
                      aria-label={t(`preferences.${way}_of`, {
                        kind: t(`preferences.when.${row.kind}`),
                      })}
                      checked={row[way]}
                      onChange={(event) => set({ ...row, [way]: event.currentTarget.checked })}
                    />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {saving.isError && <ErrorState error={saving.error} compact />}
    </Section>
  );
}
