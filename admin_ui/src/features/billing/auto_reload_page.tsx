import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { api, client } from "@/api/client";
import { present } from "@/api/present";
import { useIntent } from "@/api/use_intent";
import { useRefresh } from "@/api/use_pages";
import { Callout } from "@/ui/callout";
import { ErrorState, NoPermission, PageSkeleton } from "@/ui/states";
import { AutoReloadForm } from "./auto_reload_form";
import classes from "./auto_reload_page.module.css";
import { AutoReloadState } from "./auto_reload_state";
import { usePays } from "./billing";
import { BillingFrame } from "./billing_frame";
import { CardsSection } from "./cards_section";
import { autoReloadQuery } from "./settings_queries";

const route = getRouteApi("/shell/credits/auto-reload");

export function AutoReloadPage() {
  const { t } = useTranslation("billing");
  if (!usePays()) return <NoPermission grantedBy={t("granted_by")} />;
  return (
    <BillingFrame>
      <Contents />
    </BillingFrame>
  );
}

/** Credits that are bought by themselves, and the cards they are bought with. */
function Contents() {
  const { t } = useTranslation("billing");
  const { card } = route.useSearch();
  const setting = useQuery(autoReloadQuery);
  const cards = api.useQuery("get", "/v1/cards", {});
  useCardReturn(card === "saved");
  if (cards.data === undefined || setting.data === undefined) {
    const error = cards.error ?? setting.error;
    if (error === null) return <PageSkeleton />;
    return <ErrorState error={error} onRetry={() => void setting.refetch()} />;
  }
  return (
    <>
      {card === "saved" && (
        <Callout tone="ok" live title={t("cards.saved")}>
          {t("cards.saved_text")}
        </Callout>
      )}
      <div className={classes.columns}>
        <AutoReloadForm
          key={cards.data.items.map(({ id }) => id).join()}
          setting={setting.data}
          cards={cards.data.items}
        />
        <div className={classes.stack}>
          <AutoReloadState setting={setting.data} />
          <CardsSection cards={cards.data.items} />
        </div>
      </div>
    </>
  );
}

/** Back from the page where a card was saved: its owner should not wait for the provider's news. */
function useCardReturn(isBack: boolean): void {
  const refresh = useRefresh();
  const { mutate } = useIntent(
    async (_: null, headers) => present(await client.POST("/v1/cards/refresh", { headers })),
    { onSuccess: () => refresh("/v1/cards") },
  );
  useEffect(() => {
    if (isBack) mutate(null);
  }, [isBack, mutate]);
}
